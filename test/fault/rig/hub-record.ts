import { z } from 'zod';
import { AT_MOST_ONCE_KINDS, GapReasonSchema, type Lane, LaneSchema } from '../../../contract/index.js';
import type { LogPlace, Outbox } from '../../../hub/storage/outbox.js';
import type { QueueLimits } from '../../../hub/storage/queue-limits.js';
import { rowBytes } from '../../../hub/storage/row-bytes.js';
import type { Told } from '../queue/history-writer.js';
import { hashOf, rangesOf } from './recorder.js';
import type { WatchedRow } from './watched-database.js';

const LANES: readonly Lane[] = [0, 1, 2, 3];

const LOGS = ['log0', 'log1', 'log2', 'log3'] as const;

const LogSchema = z.object({ pos: z.number(), size: z.number() });
const GapSchema = z.object({ lane: LaneSchema, from_pos: z.number(), to_pos: z.number(), reason: GapReasonSchema });
const RegSchema = z.object({ key: z.string(), ver: z.number(), acked_ver: z.number(), body: z.string() });
const InboxSchema = z.object({
  cmd_id: z.string(),
  gen: z.string(),
  down_seq: z.number(),
  slot: z.string(),
  rev: z.number(),
  kind: z.string(),
  state: z.string(),
  result: z.string().nullable(),
  body: z.string(),
});
const SpanSchema = z.object({ remainingMs: z.number().nullable().optional() });
const ResultSchema = z.object({ state: z.string() });

type Note = (told: Told) => void;
type Reason = z.infer<typeof GapReasonSchema>;

export type HubRecordDeps = {
  hub: string;
  outbox: Outbox;
  /** Of each lane, by how much positions are ahead of numbers. */
  bases: () => readonly number[];
  /** What of a lane lies at and after a position: events and gaps. */
  held: (lane: Lane, from: number) => { events: number[]; gaps: [number, number][] };
  /** The registers that the cloud does not have: they are carried into a new epoch. */
  dirty: () => readonly { key: string; ver: number; body: string }[];
  note: Note;
  moment: () => { boot: string; bootMs: number };
  limits: QueueLimits;
};

/** Puts into words what each commit of one hub's store has changed. */
export class HubRecord {
  readonly #deps: HubRecordDeps;
  readonly #hub: string;
  readonly #note: Note;
  /** Appended in the transaction that runs, and not known to be on disk. */
  #appended: { place: LogPlace; hash: string }[] = [];
  #epoch: string;
  #bases: readonly number[];

  constructor(deps: HubRecordDeps) {
    this.#deps = deps;
    this.#hub = deps.hub;
    this.#note = deps.note;
    this.#epoch = deps.outbox.epoch;
    this.#bases = deps.bases();
  }

  /** An event was put into the transaction that runs. */
  appended(place: LogPlace, hash: string): void {
    this.#appended.push({ place, hash });
  }

  committed(rows: readonly WatchedRow[]): void {
    const { epoch } = this.#deps.outbox;
    if (epoch !== this.#epoch) this.#moved(epoch);
    for (const lane of LANES) this.#leaving(rows, lane);
    this.#arriving(rows);
    this.#registers(rows);
    for (const row of rows) if (row.name === 'inbox') this.#command(row);
    this.#appended = [];
  }

  /** What is held stays where it is and is counted anew. */
  #moved(epoch: string): void {
    const bases = this.#deps.bases();
    for (const lane of LANES) {
      const [old, base] = [this.#bases[lane] ?? 0, bases[lane] ?? 0];
      const { events, gaps } = this.#deps.held(lane, base + 1);
      const move = (what: 'event' | 'gap', from: number, to: number) =>
        this.#note({
          ...{ step: 'move', hub: this.#hub, lane, what },
          from: { epoch: this.#epoch, from: from - old, to: to - old },
          to: { epoch, from: from - base, to: to - base },
        });
      for (const [from, to] of rangesOf(events)) move('event', from, to);
      for (const [from, to] of gaps) move('gap', from, to);
    }
    this.#epoch = epoch;
    this.#bases = bases;
    for (const { key, ver, body } of this.#deps.dirty()) {
      this.#note({ step: 'reg.set', hub: this.#hub, epoch, key, ver, hash: hashOf(parse(body)) });
    }
  }

  #arriving(rows: readonly WatchedRow[]): void {
    for (const { place, hash } of this.#appended) {
      const pos = place.seq + (this.#bases[place.lane] ?? 0);
      const isThere = logRows(rows, place.lane, 'isNow').some((row) => row.pos === pos);
      if (isThere) this.#note({ step: 'enq.ok', hub: this.#hub, epoch: this.#epoch, hash, ...place });
    }
  }

  /** What is gone was acknowledged, or a gap names it; what is neither shows as deleted without either. */
  #leaving(rows: readonly WatchedRow[], lane: Lane): void {
    const gone = logRows(rows, lane, 'was');
    if (gone.length === 0) return;
    const base = this.#bases[lane] ?? 0;
    const named = rows.filter(({ name, isNow }) => name === 'gap' && isNow !== null);
    const gaps = named.map(({ isNow }) => GapSchema.parse(parse(isNow))).filter((gap) => gap.lane === lane);
    const { acked, bytes } = this.#deps.outbox.lane(lane);
    const drops = new Map<Reason, number[]>();
    let deleted = 0;
    let droppedBytes = 0;
    for (const { pos, size } of gone) {
      const seq = pos - base;
      const gap = gaps.find((one) => one.from_pos <= pos && pos <= one.to_pos);
      if (seq <= acked || gap === undefined) deleted = Math.max(deleted, seq);
      else {
        drops.set(gap.reason, [...(drops.get(gap.reason) ?? []), seq]);
        droppedBytes += rowBytes(size);
      }
    }
    const place = { hub: this.#hub, epoch: this.#epoch };
    if (deleted > 0) this.#note({ step: 'hub.commit', ...place, acks: { [lane]: deleted }, regs: [] });
    const held = { bytes: bytes + droppedBytes, limit: this.#deps.limits[lane].bytes };
    for (const [reason, seqs] of drops) {
      for (const [from, to] of rangesOf(seqs)) this.#later({ step: 'drop', ...place, lane, from, to, reason, held });
    }
  }

  /** What came and was dropped in one commit was accepted first: whoever waits for that hears of it before this. */
  #later(told: Told): void {
    queueMicrotask(() => queueMicrotask(() => this.#note(told)));
  }

  #registers(rows: readonly WatchedRow[]): void {
    const cleared: [string, number, number][] = [];
    for (const { name, was, isNow } of rows) {
      if (name !== 'reg' || isNow === null) continue;
      const { key, ver, acked_ver: acked, body } = RegSchema.parse(parse(isNow));
      const old = was === null ? undefined : RegSchema.parse(parse(was));
      const place = { hub: this.#hub, epoch: this.#epoch };
      if (ver !== old?.ver) this.#note({ step: 'reg.set', ...place, key, ver, hash: hashOf(parse(body)) });
      if (old !== undefined && acked > old.acked_ver) cleared.push([key, acked, acked - old.acked_ver - 1]);
    }
    if (cleared.length > 0)
      this.#note({ step: 'hub.commit', hub: this.#hub, epoch: this.#epoch, acks: {}, regs: cleared });
  }

  #command({ was, isNow }: WatchedRow): void {
    if (isNow === null) return;
    const row = InboxSchema.parse(parse(isNow));
    const old = was === null ? undefined : InboxSchema.parse(parse(was));
    const of = { hub: this.#hub, cmd: row.cmd_id };
    if (old?.gen !== row.gen || old.down_seq !== row.down_seq) {
      const { gen, down_seq: downSeq, slot, rev } = row;
      const tombstone = row.kind === 'tombstone';
      const spanMs = row.body === '' ? null : (SpanSchema.parse(parse(row.body)).remainingMs ?? null);
      this.#note({ step: 'cmd.recv', ...of, ...this.#deps.moment(), gen, downSeq, slot, rev, spanMs, tombstone });
    }
    if (row.state === old?.state) return;
    if (row.state === 'STARTED') this.#note({ step: 'cmd.start', ...of });
    // By a tombstone the cloud has ended it, and the hub says nothing.
    if (row.state === 'DONE' && row.kind !== 'tombstone')
      this.#note({ step: 'cmd.result', ...of, state: ResultSchema.parse(parse(row.result ?? '{}')).state });
  }
}

export function isAtMostOnce(kind: unknown): boolean {
  return AT_MOST_ONCE_KINDS.some((one) => one === kind);
}

function logRows(rows: readonly WatchedRow[], lane: Lane, side: 'was' | 'isNow'): z.infer<typeof LogSchema>[] {
  const own = rows.filter((row) => row.name === LOGS[lane] && row[side] !== null);
  return own.map((row) => LogSchema.parse(parse(row[side])));
}

function parse(json: string | null): unknown {
  return json === null ? null : JSON.parse(json);
}
