import { z } from 'zod';
import { AT_MOST_ONCE_KINDS, EpochSchema, GapReasonSchema, type Lane, LaneSchema } from '../../../contract/index.js';
import type { Outbox } from '../../../hub/storage/outbox.js';
import type { Told } from '../queue/history-writer.js';
import { hashOf, rangesOf } from './recorder.js';
import type { WatchedRow } from './watched-database.js';

const LANES: readonly Lane[] = [0, 1, 2, 3];

const LogSchema = z.object({ lane: LaneSchema, seq: z.number(), id: z.string(), bytes: z.number() });
const GapSchema = z.object({
  lane: LaneSchema,
  from_seq: z.number(),
  to_seq: z.number(),
  reason: GapReasonSchema,
  was: z.string().nullable(),
});
const WasSchema = z.array(z.object({ epoch: EpochSchema, from: z.number(), to: z.number() }));
const RegSchema = z.object({
  key: z.string(),
  ver: z.number(),
  dirty: z.number(),
  superseded: z.number(),
  body: z.string(),
});
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

type Log = z.infer<typeof LogSchema>;
type Note = (told: Told) => void;

/** Puts into words what each commit of one hub's store has changed. */
export class HubRecord {
  readonly #hub: string;
  readonly #outbox: Outbox;
  readonly #note: Note;
  readonly #moment: () => { boot: string; bootMs: number };
  readonly #limits: Readonly<Partial<Record<Lane, number>>>;
  /** Appended in the transaction that runs, and not known to be on disk. */
  readonly #appended = new Map<string, { lane: Lane; hash: string }>();
  #epoch: string;

  constructor(deps: {
    hub: string;
    outbox: Outbox;
    note: Note;
    moment: () => { boot: string; bootMs: number };
    limits: Readonly<Partial<Record<Lane, number>>>;
  }) {
    this.#hub = deps.hub;
    this.#outbox = deps.outbox;
    this.#note = deps.note;
    this.#moment = deps.moment;
    this.#limits = deps.limits;
    this.#epoch = deps.outbox.epoch;
  }

  /** An event was put into the transaction that runs. */
  appended(id: string, { lane, hash }: { lane: Lane; hash: string }): void {
    this.#appended.set(id, { lane, hash });
  }

  committed(rows: readonly WatchedRow[]): void {
    const epoch = this.#outbox.epoch;
    if (epoch === this.#epoch) this.#leaving(rows);
    else this.#moving(rows, epoch);
    this.#epoch = epoch;
    this.#arriving(rows);
    this.#registers(rows);
    for (const row of rows) if (row.name === 'inbox') this.#command(row);
    this.#appended.clear();
  }

  #arriving(rows: readonly WatchedRow[]): void {
    for (const { isNow } of only(rows, 'log', 'insert')) {
      const row = LogSchema.parse(parse(isNow));
      const event = this.#appended.get(row.id);
      if (event === undefined) continue;
      this.#note({ step: 'enq.ok', hub: this.#hub, epoch: this.#epoch, ...event, seq: row.seq, id: row.id });
    }
  }

  /** What is gone was acknowledged, or a gap names it; what is neither shows as deleted without either. */
  #leaving(rows: readonly WatchedRow[]): void {
    const gone = only(rows, 'log', 'delete').map(({ was }) => LogSchema.parse(parse(was)));
    if (gone.length === 0) return;
    const gaps = rows.filter(({ name, isNow }) => name === 'gap' && isNow !== null);
    const named = gaps.map(({ isNow }) => GapSchema.parse(parse(isNow)));
    const acks: Partial<Record<Lane, number>> = {};
    for (const lane of LANES) {
      const { acked } = this.#outbox.lane(lane);
      const left = new Map<string, number[]>();
      for (const { seq } of gone.filter((row) => row.lane === lane)) {
        const gap = named.find((one) => one.lane === lane && one.from_seq <= seq && seq <= one.to_seq);
        if (seq <= acked || gap === undefined) acks[lane] = Math.max(acks[lane] ?? 0, seq);
        else left.set(gap.reason, [...(left.get(gap.reason) ?? []), seq]);
      }
      const held = this.#held(lane, gone);
      for (const [reason, seqs] of left) this.#dropped(lane, GapReasonSchema.parse(reason), seqs, held);
    }
    if (Object.keys(acks).length > 0)
      this.#note({ step: 'hub.commit', hub: this.#hub, epoch: this.#epoch, acks, regs: [] });
  }

  /** What the lane would hold without the drop. */
  #held(lane: Lane, gone: readonly Log[]): { bytes: number; limit: number } | undefined {
    const limit = this.#limits[lane];
    if (limit === undefined) return undefined;
    const dropped = gone.filter((row) => row.lane === lane).reduce((sum, { bytes }) => sum + bytes, 0);
    return { bytes: this.#outbox.lane(lane).bytes + dropped, limit };
  }

  #dropped(
    lane: Lane,
    reason: z.infer<typeof GapReasonSchema>,
    seqs: readonly number[],
    held: { bytes: number; limit: number } | undefined,
  ): void {
    const place = { hub: this.#hub, epoch: this.#epoch, lane, reason, ...(held && { held }) };
    for (const [from, to] of rangesOf(seqs)) this.#note({ step: 'drop', ...place, from, to });
  }

  #moving(rows: readonly WatchedRow[], epoch: string): void {
    const logs = rows.filter(({ name }) => name === 'log');
    const before = new Map<string, number>();
    for (const { was } of logs) {
      if (was === null) continue;
      const row = LogSchema.parse(parse(was));
      if (!before.has(row.id)) before.set(row.id, row.seq);
    }
    for (const { isNow } of logs) {
      if (isNow === null) continue;
      const { id, lane, seq } = LogSchema.parse(parse(isNow));
      const old = before.get(id);
      if (old !== undefined) this.#moved(lane, 'event', [this.#epoch, old, old], [epoch, seq, seq]);
    }
    for (const { name, isNow } of rows) {
      if (name !== 'gap' || isNow === null) continue;
      const { lane, from_seq: from, to_seq: to, was } = GapSchema.parse(parse(isNow));
      const last = was === null ? undefined : WasSchema.parse(parse(was)).at(-1);
      if (last !== undefined) this.#moved(lane, 'gap', [last.epoch, last.from, last.to], [epoch, from, to]);
    }
  }

  #moved(
    lane: Lane,
    what: 'event' | 'gap',
    [oldEpoch, oldFrom, oldTo]: readonly [string, number, number],
    [epoch, from, to]: readonly [string, number, number],
  ): void {
    const old = { epoch: oldEpoch, from: oldFrom, to: oldTo };
    this.#note({ step: 'move', hub: this.#hub, lane, what, from: old, to: { epoch, from, to } });
  }

  #registers(rows: readonly WatchedRow[]): void {
    const cleared: [string, number, number][] = [];
    for (const { name, was, isNow } of rows) {
      if (name !== 'reg' || isNow === null) continue;
      const row = RegSchema.parse(parse(isNow));
      const old = was === null ? undefined : RegSchema.parse(parse(was));
      if (row.ver !== old?.ver && row.body !== old?.body) {
        const { key, ver } = row;
        this.#note({ step: 'reg.set', hub: this.#hub, epoch: this.#epoch, key, ver, hash: hashOf(parse(row.body)) });
      }
      if (old?.dirty === 1 && row.dirty === 0) cleared.push([row.key, row.ver, old.superseded]);
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
      const spanMs = SpanSchema.parse(parse(row.body)).remainingMs ?? null;
      this.#note({ step: 'cmd.recv', ...of, ...this.#moment(), gen, downSeq, slot, rev, spanMs, tombstone });
    }
    if (row.state === old?.state) return;
    if (row.state === 'STARTED') this.#note({ step: 'cmd.start', ...of });
    if (row.state === 'DONE')
      this.#note({ step: 'cmd.result', ...of, state: ResultSchema.parse(parse(row.result ?? '{}')).state });
  }
}

export function isAtMostOnce(kind: unknown): boolean {
  return AT_MOST_ONCE_KINDS.some((one) => one === kind);
}

function only(rows: readonly WatchedRow[], name: WatchedRow['name'], op: WatchedRow['op']): WatchedRow[] {
  return rows.filter((row) => row.name === name && row.op === op);
}

function parse(json: string | null): unknown {
  return json === null ? null : JSON.parse(json);
}
