import type { Lane } from '../../../contract/index.js';
import type { InvariantId } from './checks.js';
import type { Step } from './history.js';
import type { Told } from './history-writer.js';
import type { CloudState, Context } from './verdict.js';

/** Two short histories that differ in one thing: the one keeps every promise, the other breaks one. */
export type TinyPair = {
  readonly breaks: InvariantId;
  readonly by: string;
  readonly right: readonly Told[];
  readonly wrong: readonly Told[];
  /** What the tables hold in the end, where it matters. */
  readonly context?: Context;
  /** In the wrong one, where that is what differs. */
  readonly wrongContext?: Context;
};

const EPOCH = 'e1';
const hub = { hub: 'h' } as const;
const here = { hub: 'h', epoch: EPOCH } as const;
const NOTHING: CloudState = { events: [], dead: [], gaps: [], streams: [], registers: [] };

const call = (hash: string, lane: Lane = 1): Told => ({ step: 'enq.call', ...hub, lane, hash });
const ok = (hash: string, seq: number, lane: Lane = 1): Told => ({
  step: 'enq.ok',
  ...here,
  lane,
  hash,
  seq,
  id: hash,
});
const enqueue = (hash: string, seq: number, lane: Lane = 1): Told[] => [call(hash, lane), ok(hash, seq, lane)];
const send = (from: number, to: number, lane: Lane = 1): Told => ({
  step: 'send',
  ...here,
  req: 'r',
  after: {},
  slices: [{ lane, from, to }],
  gaps: [],
  downGen: null,
  downAcked: 0,
});
const commit = (old: number, to: number, more: Partial<Extract<Told, { step: 'cloud.commit' }>> = {}): Told => ({
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
const reply = (ack: number): Told => ({ step: 'reply', ...here, req: 'r', gen: 'g1', acks: { 1: ack }, state: 'open' });
const got = (ack: number): Told => ({
  step: 'reply.got',
  ...here,
  req: 'r',
  gen: 'g1',
  acks: { 1: ack },
  state: 'open',
});
const cleared = (acks: { 1?: number }, regs: [string, number, number][] = []): Told => ({
  step: 'hub.commit',
  ...here,
  acks,
  regs,
});
const drop = (from: number, to: number, more: Partial<Extract<Told, { step: 'drop' }>> = {}): Told => ({
  step: 'drop',
  ...here,
  lane: 1,
  from,
  to,
  reason: 'quota',
  held: { bytes: 11, limit: 10 },
  ...more,
});
const open = (next: number, held: [number, number][], epoch = EPOCH): Told => ({
  step: 'open',
  ...hub,
  epoch,
  next: { 1: next },
  held: held.map(([from, to]) => ({ lane: 1, from, to })),
});
const crash: Told = { step: 'crash', ...hub };
const row = (hash: string, seq: number) => ({ ...here, lane: 1 as const, seq, hash });
const gapRow = (from: number, to: number) => ({ ...here, lane: 1 as const, from, to, reason: 'quota' as const });
const stream = (hwm: number) => ({ ...here, lane: 1 as const, hwm });
const set = (ver: number, hash: string): Told => ({ step: 'reg.set', ...here, key: 'k', ver, hash });
const applied = (ver: number): Told => ({ step: 'cloud.reg', ...here, gen: 'g1', ord: 1, key: 'k', ver });
const create = (cmd: string, rev: number, atMostOnce = false): Told => ({
  step: 'cmd.create',
  ...hub,
  cmd,
  gen: 'g1',
  downSeq: rev,
  slot: 's',
  rev,
  atMostOnce,
});
const receive = (cmd: string, rev: number, spanMs: number | null = null): Told => ({
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
const effect = (cmd: string, rev: number, bootMs = 1): Told => ({
  step: 'cmd.effect',
  ...hub,
  boot: 'b1',
  bootMs,
  cmd,
  slot: 's',
  rev,
});
const result = (cmd: string, state = 'applied'): Told => ({ step: 'cmd.result', ...hub, cmd, state });
const final = (cmd: string, state = 'APPLIED'): Told => ({ step: 'cmd.final', ...hub, cmd, state });
const sample = (backlog: number, fileBytes = 1): Told => ({ step: 'sample', ...hub, fileBytes, capBytes: 10, backlog });

const ended = (more: Partial<CloudState>): Context => ({ cloud: { ...NOTHING, ...more } });
const delivered = (...hashes: string[]): Context =>
  ended({ events: hashes.map((hash, index) => row(hash, index + 1)), streams: [stream(hashes.length)] });

/** For each invariant at least one pair. */
export const TINY_PAIRS: readonly TinyPair[] = [
  {
    breaks: 'I1',
    by: 'an event that is nowhere',
    right: enqueue('a', 1),
    wrong: [...enqueue('a', 1), ...enqueue('b', 2)],
    context: delivered('a'),
  },
  {
    breaks: 'I1',
    by: 'an event that two gaps name, in the epoch it was in and in the next',
    right: [
      ...enqueue('a', 1),
      {
        step: 'move',
        ...hub,
        lane: 1,
        what: 'gap',
        from: { epoch: 'e0', from: 1, to: 1 },
        to: { epoch: EPOCH, from: 2, to: 2 },
      },
    ],
    wrong: [
      ...enqueue('a', 1),
      {
        step: 'move',
        ...hub,
        lane: 1,
        what: 'gap',
        from: { epoch: EPOCH, from: 1, to: 1 },
        to: { epoch: 'e2', from: 1, to: 1 },
      },
    ],
    context: ended({
      gaps: [gapRow(1, 1), { ...gapRow(1, 1), epoch: 'e2' }],
      streams: [stream(1), { ...stream(1), epoch: 'e2' }],
    }),
  },
  {
    breaks: 'I2',
    by: 'a row that nobody enqueued',
    right: [...enqueue('a', 1), call('b')],
    wrong: enqueue('a', 1),
    context: delivered('a', 'b'),
  },
  {
    breaks: 'I3',
    by: 'an event under two numbers',
    right: [...enqueue('a', 1), call('b')],
    wrong: [...enqueue('a', 1), call('b')],
    context: delivered('a', 'b'),
    wrongContext: delivered('a', 'a'),
  },
  {
    breaks: 'I4',
    by: 'a number that is covered twice in place of another',
    right: [commit(0, 3, { seqs: [[1, 2]], gaps: [{ from: 3, to: 3, reason: 'quota' }] })],
    wrong: [commit(0, 3, { seqs: [[1, 2]], gaps: [{ from: 2, to: 2, reason: 'quota' }] })],
  },
  {
    breaks: 'I4',
    by: 'tables with a hole that no commit had',
    right: [],
    wrong: [],
    context: ended({ gaps: [gapRow(1, 3)], streams: [stream(3)] }),
    wrongContext: ended({ gaps: [gapRow(1, 1), gapRow(3, 3)], streams: [stream(3)] }),
  },
  { breaks: 'I5', by: 'a mark that falls', right: [commit(0, 3), commit(3, 3)], wrong: [commit(0, 3), commit(3, 2)] },
  {
    breaks: 'I5',
    by: 'a mark that falls, and no backup was restored',
    right: [commit(0, 3), { step: 'restore', gen: 'g2', streams: [stream(2)] }, commit(2, 3)],
    wrong: [commit(0, 3), commit(2, 2)],
  },
  {
    breaks: 'I6',
    by: 'numbers against the order of answers',
    right: [...enqueue('a', 1), ...enqueue('b', 2)],
    wrong: [...enqueue('a', 2), ...enqueue('b', 1)],
  },
  {
    breaks: 'I6',
    by: 'a move that turns the order round',
    right: [
      {
        step: 'move',
        ...hub,
        lane: 1,
        what: 'event',
        from: { epoch: 'e0', from: 1, to: 1 },
        to: { epoch: EPOCH, from: 1, to: 1 },
      },
      {
        step: 'move',
        ...hub,
        lane: 1,
        what: 'event',
        from: { epoch: 'e0', from: 2, to: 2 },
        to: { epoch: EPOCH, from: 2, to: 2 },
      },
    ],
    wrong: [
      {
        step: 'move',
        ...hub,
        lane: 1,
        what: 'event',
        from: { epoch: 'e0', from: 1, to: 1 },
        to: { epoch: EPOCH, from: 2, to: 2 },
      },
      {
        step: 'move',
        ...hub,
        lane: 1,
        what: 'event',
        from: { epoch: 'e0', from: 2, to: 2 },
        to: { epoch: EPOCH, from: 1, to: 1 },
      },
    ],
  },
  { breaks: 'I7', by: 'a reply before the commit', right: [commit(0, 1), reply(1)], wrong: [reply(1), commit(0, 1)] },
  {
    breaks: 'I7',
    by: 'a reply that names what a restored cloud has lost',
    right: [commit(0, 2), { step: 'restore', gen: 'g2', streams: [stream(1)] }, reply(1)],
    wrong: [commit(0, 2), { step: 'restore', gen: 'g2', streams: [stream(1)] }, reply(2)],
  },
  {
    breaks: 'I8',
    by: 'a delete before the reply',
    right: [got(1), cleared({ 1: 1 })],
    wrong: [cleared({ 1: 1 }), got(1)],
  },
  {
    breaks: 'I9',
    by: 'an accepted event that a crash took',
    right: [...enqueue('a', 1), ...enqueue('b', 2), crash, open(3, [[1, 2]])],
    wrong: [...enqueue('a', 1), ...enqueue('b', 2), crash, open(3, [[1, 1]])],
  },
  {
    breaks: 'I9',
    by: 'a number that will be given again',
    right: [...enqueue('a', 1), got(1), cleared({ 1: 1 }), crash, open(2, [])],
    wrong: [...enqueue('a', 1), got(1), cleared({ 1: 1 }), crash, open(1, [])],
  },
  {
    breaks: 'I9',
    by: 'an epoch that outlives its card',
    right: [...enqueue('a', 1), { step: 'card.lost', ...here }, open(1, [], 'e2')],
    wrong: [...enqueue('a', 1), { step: 'card.lost', ...here }, open(1, [])],
  },
  {
    breaks: 'I9',
    by: 'an event that is left in the epoch before',
    right: [
      ...enqueue('a', 1),
      {
        step: 'move',
        ...hub,
        lane: 1,
        what: 'event',
        from: { epoch: EPOCH, from: 1, to: 1 },
        to: { epoch: 'e2', from: 1, to: 1 },
      },
      open(2, [[1, 1]], 'e2'),
    ],
    wrong: [...enqueue('a', 1), open(1, [], 'e2')],
  },
  {
    breaks: 'I10',
    by: 'a value that is not the last',
    right: [set(1, 'old'), applied(1)],
    wrong: [set(1, 'old'), applied(1), set(2, 'new')],
    context: ended({ registers: [{ hub: 'h', key: 'k', epoch: EPOCH, ver: 1, hash: 'old' }] }),
  },
  { breaks: 'I10', by: 'a version that falls', right: [applied(1), applied(2)], wrong: [applied(2), applied(1)] },
  {
    breaks: 'I10',
    by: 'a value that was neither sent nor counted',
    right: [set(1, 'x'), set(2, 'y'), cleared({}, [['k', 2, 1]])],
    wrong: [set(1, 'x'), set(2, 'y'), cleared({}, [['k', 2, 0]])],
    context: ended({ registers: [{ hub: 'h', key: 'k', epoch: EPOCH, ver: 2, hash: 'y' }] }),
  },
  {
    breaks: 'I11',
    by: 'a drop from a lane with room',
    right: [...enqueue('a', 1), drop(1, 1)],
    wrong: [...enqueue('a', 1), drop(1, 1, { held: { bytes: 10, limit: 10 } })],
  },
  {
    breaks: 'I11',
    by: 'a drop from lane 0',
    right: [...enqueue('a', 1), drop(1, 1)],
    wrong: [...enqueue('a', 1), drop(1, 1, { lane: 0 })],
  },
  {
    breaks: 'I11',
    by: 'a younger event that goes before an older',
    right: [...enqueue('a', 1), ...enqueue('b', 2), drop(1, 1)],
    wrong: [...enqueue('a', 1), ...enqueue('b', 2), drop(2, 2)],
  },
  {
    breaks: 'I11',
    by: 'an age that an event has not reached',
    right: [...enqueue('a', 1), drop(1, 1, { reason: 'ttl', ttlMs: 20_001 })],
    wrong: [...enqueue('a', 1), drop(1, 1, { reason: 'ttl', ttlMs: 20_002 })],
  },
  {
    breaks: 'I11',
    by: 'an event that may be on its way',
    right: [...enqueue('a', 1), ...enqueue('b', 2), send(1, 1), drop(2, 2)],
    wrong: [...enqueue('a', 1), ...enqueue('b', 2), send(1, 1), drop(1, 2)],
  },
  {
    breaks: 'I12',
    by: 'a second effect where once is the law',
    right: [create('c', 1), effect('c', 1), effect('c', 1)],
    wrong: [create('c', 1, true), effect('c', 1), effect('c', 1)],
  },
  {
    breaks: 'I12',
    by: 'an effect after the end',
    right: [create('c', 1), effect('c', 1), result('c')],
    wrong: [create('c', 1), effect('c', 1), result('c'), effect('c', 1)],
  },
  {
    breaks: 'I12',
    by: 'a revision that falls',
    right: [receive('c', 1), receive('d', 2), effect('c', 1), effect('d', 2)],
    wrong: [receive('c', 1), receive('d', 2), effect('d', 2), effect('c', 1)],
  },
  { breaks: 'I13', by: 'applied without an effect', right: [effect('c', 1), result('c')], wrong: [result('c')] },
  {
    breaks: 'I13',
    by: 'final before the result',
    right: [effect('c', 1), result('c'), final('c')],
    wrong: [effect('c', 1), final('c'), result('c')],
  },
  {
    breaks: 'I13',
    by: 'a command without an end',
    right: [create('c', 1)],
    wrong: [create('c', 1)],
    context: ended({ commands: [{ hub: 'h', cmd: 'c', state: 'UNKNOWN' }] }),
    wrongContext: ended({ commands: [{ hub: 'h', cmd: 'c', state: 'RECEIVED' }] }),
  },
  {
    breaks: 'I14',
    by: 'an effect after the deadline',
    right: [receive('c', 1, 100), effect('c', 1, 100)],
    wrong: [receive('c', 1, 100), effect('c', 1, 101)],
  },
  { breaks: 'I15', by: 'a file above its cap', right: [sample(0, 10)], wrong: [sample(0, 11)] },
  {
    breaks: 'I15',
    by: 'a disk that stays full after an acknowledgement',
    right: [
      { step: 'disk.full', ...hub },
      { step: 'enq.err', ...hub, lane: 1, hash: 'b', code: 'storage.full' },
      got(1),
      cleared({ 1: 1 }),
    ],
    wrong: [
      { step: 'disk.full', ...hub },
      got(1),
      cleared({ 1: 1 }),
      { step: 'enq.err', ...hub, lane: 1, hash: 'b', code: 'storage.full' },
    ],
  },
  {
    breaks: 'I16',
    by: 'events that wait although the link is up',
    right: [
      { step: 'link', ...hub, up: false },
      sample(1),
      sample(1),
      sample(1),
      sample(1),
      { step: 'link', ...hub, up: true },
      sample(1),
    ],
    wrong: [{ step: 'link', ...hub, up: true }, sample(1), sample(1), sample(1), sample(1), sample(1)],
    context: { pace: { backoffCapMs: 1, eventsPerS: 1000 } },
  },
  {
    breaks: 'I17',
    by: 'a request without what waits in lane 0',
    right: [...enqueue('a', 1, 0), ...enqueue('b', 1, 1), send(1, 1, 0)],
    wrong: [...enqueue('a', 1, 0), ...enqueue('b', 1, 1), send(1, 1, 1)],
  },
  {
    breaks: 'I18',
    by: 'a time before the event',
    right: enqueue('a', 1),
    wrong: enqueue('a', 1),
    context: ended({ events: [{ ...row('a', 1), tsLo: 0, tsHi: 1 }], streams: [stream(1)] }),
    wrongContext: ended({ events: [{ ...row('a', 1), tsLo: -2, tsHi: -1 }], streams: [stream(1)] }),
  },
];

const ON_CLOUD: readonly string[] = ['cloud.commit', 'cloud.reg', 'reply', 'restore', 'cmd.create', 'cmd.final'];

/** One step each millisecond. */
export function lived(told: readonly Told[]): Step[] {
  return told.map((step, index) => ({
    at: index,
    mono: index,
    proc: ON_CLOUD.includes(step.step) ? 'cloud' : 'card',
    ...step,
  }));
}
