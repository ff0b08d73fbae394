import type { Lane } from '../../../contract/index.js';
import type { Told } from './history-writer.js';
import type { CloudState, Context } from './verdict.js';

export const EPOCH = 'e1';
export const hub = { hub: 'h' } as const;
export const here = { hub: 'h', epoch: EPOCH } as const;
const NOTHING: CloudState = { events: [], dead: [], gaps: [], streams: [], registers: [] };

export const call = (hash: string, lane: Lane = 1): Told => ({ step: 'enq.call', ...hub, lane, hash });
const ok = (hash: string, seq: number, lane: Lane = 1): Told => ({
  step: 'enq.ok',
  ...here,
  lane,
  hash,
  seq,
  id: hash,
});
export const enqueue = (hash: string, seq: number, lane: Lane = 1): Told[] => [call(hash, lane), ok(hash, seq, lane)];
export const send = (from: number, to: number, lane: Lane = 1, control?: number): Told => ({
  step: 'send',
  ...here,
  req: 'r',
  after: {},
  slices: [{ lane, from, to }],
  gaps: [],
  ...(control === undefined ? {} : { control }),
  downGen: null,
  downAcked: 0,
});
export const commit = (old: number, to: number, more: Partial<Extract<Told, { step: 'cloud.commit' }>> = {}): Told => ({
  step: 'cloud.commit',
  ...here,
  lane: 1,
  gen: 'g1',
  old,
  new: to,
  seqs: old < to ? [[old + 1, to]] : [],
  dead: [],
  covered: [],
  gaps: [],
  ...more,
});
export const reply = (ack: number): Told => ({
  step: 'reply',
  ...here,
  req: 'r',
  gen: 'g1',
  acks: { 1: ack },
  state: 'open',
});
export const got = (ack: number): Told => ({
  step: 'reply.got',
  ...here,
  req: 'r',
  gen: 'g1',
  acks: { 1: ack },
  state: 'open',
});
export const cleared = (acks: { 1?: number }, regs: [string, number, number][] = []): Told => ({
  step: 'hub.commit',
  ...here,
  acks,
  regs,
});
export const drop = (from: number, to: number, more: Partial<Extract<Told, { step: 'drop' }>> = {}): Told => ({
  step: 'drop',
  ...here,
  lane: 1,
  from,
  to,
  reason: 'quota',
  held: { bytes: 11, limit: 10 },
  ...more,
});
export const open = (next: number, held: [number, number][], epoch = EPOCH): Told => ({
  step: 'open',
  ...hub,
  epoch,
  next: { 1: next },
  held: held.map(([from, to]) => ({ lane: 1, from, to })),
});
export const crash: Told = { step: 'crash', ...hub };
export const row = (hash: string, seq: number) => ({ ...here, lane: 1 as const, seq, hash });
export const gapRow = (from: number, to: number) => ({ ...here, lane: 1 as const, from, to, reason: 'quota' as const });
export const stream = (hwm: number) => ({ ...here, lane: 1 as const, hwm });
export const set = (ver: number, hash: string): Told => ({ step: 'reg.set', ...here, key: 'k', ver, hash });
export const applied = (ver: number): Told => ({ step: 'cloud.reg', ...here, gen: 'g1', ord: 1, key: 'k', ver });
export const create = (cmd: string, rev: number, atMostOnce = false): Told => ({
  step: 'cmd.create',
  ...hub,
  cmd,
  gen: 'g1',
  downSeq: rev,
  slot: 's',
  rev,
  atMostOnce,
});
export const receive = (cmd: string, rev: number, spanMs: number | null = null): Told => ({
  step: 'cmd.recv',
  ...hub,
  boot: 'b1',
  bootMs: 0,
  cmd,
  gen: 'g1',
  downSeq: rev,
  slot: 's',
  rev,
  spanMs,
  tombstone: false,
});
export const effect = (cmd: string, rev: number, bootMs = 1): Told => ({
  step: 'cmd.effect',
  ...hub,
  boot: 'b1',
  bootMs,
  cmd,
  slot: 's',
  rev,
});
export const result = (cmd: string, state = 'applied'): Told => ({ step: 'cmd.result', ...hub, cmd, state });
export const final = (cmd: string, state = 'APPLIED'): Told => ({ step: 'cmd.final', ...hub, cmd, state });
export const sample = (backlog: number, fileBytes = 1): Told => ({
  step: 'sample',
  ...hub,
  fileBytes,
  capBytes: 10,
  backlog,
});

export const ended = (more: Partial<CloudState>): Context => ({ cloud: { ...NOTHING, ...more } });
export const delivered = (...hashes: string[]): Context =>
  ended({ events: hashes.map((hash, index) => row(hash, index + 1)), streams: [stream(hashes.length)] });
