import { z } from 'zod';
import { GapReasonSchema, LaneSchema, type SyncReply } from '../../../contract/index.js';
import type { Told } from '../queue/history-writer.js';
import { isAtMostOnce } from './hub-record.js';
import { rangesOf } from './recorder.js';
import type { AuditRow } from './rig-database.js';

/** A request as far as its commit is judged by it. */
export const RequestSchema = z.object({
  epoch: z.string(),
  logs: z.array(z.object({ lane: LaneSchema, first: z.number(), events: z.array(z.unknown()) })),
  gaps: z.array(z.object({ lane: LaneSchema, from: z.number(), to: z.number(), was: z.unknown().optional() })),
});

export type Request = z.infer<typeof RequestSchema> & { req: string };

const PlaceSchema = z.object({ hub_id: z.string(), epoch: z.string(), lane: LaneSchema });
const EventSchema = PlaceSchema.extend({ seq: z.number() });
const GapSchema = PlaceSchema.extend({ from_seq: z.number(), to_seq: z.number(), reason: GapReasonSchema });
const StreamSchema = PlaceSchema.extend({ hwm: z.number() });
const EpochSchema = z.object({ hub_id: z.string(), epoch: z.string(), ord: z.number() });
const StateSchema = z.object({ hub_id: z.string(), key: z.string(), epoch_ord: z.number(), ver: z.number() });
const CommandSchema = z.object({
  hub_id: z.string(),
  id: z.string(),
  down_seq: z.number(),
  slot: z.string(),
  rev: z.number(),
  kind: z.string(),
  state: z.string(),
});
const MovedSchema = z.object({ was: z.array(z.unknown()).min(1) });
const FINAL: readonly string[] = ['APPLIED', 'FAILED', 'SUPERSEDED', 'EXPIRED', 'UNKNOWN'];

type Place = z.infer<typeof PlaceSchema>;

/** Puts into words what each commit of the cloud has changed. */
export class CloudRecord {
  readonly #note: (told: Told) => void;
  readonly #nameOf: (hubId: string) => string;
  readonly #epochs = new Map<string, string>();
  readonly #hwms = new Map<string, number>();
  /** Requests that are being applied, by hub. */
  readonly #open = new Map<string, Request[]>();
  gen: string;

  constructor(deps: { gen: string; note: (told: Told) => void; nameOf: (hubId: string) => string }) {
    this.gen = deps.gen;
    this.#note = deps.note;
    this.#nameOf = deps.nameOf;
  }

  /** Whether the cloud has seen this epoch. */
  knows(epoch: string): boolean {
    return [...this.#epochs.values()].includes(epoch);
  }

  begin(hubId: string, request: Request): void {
    this.#open.set(hubId, [...(this.#open.get(hubId) ?? []), request]);
  }

  end(hubId: string, request: Request, reply: SyncReply | undefined): void {
    this.#open.set(
      hubId,
      (this.#open.get(hubId) ?? []).filter((one) => one !== request),
    );
    if (reply === undefined) return;
    const { req, epoch } = request;
    const { gen, acks, epochState: state } = reply;
    this.#note({ step: 'reply', hub: this.#nameOf(hubId), epoch, req, gen, acks, state });
  }

  committed(rows: readonly AuditRow[]): void {
    for (const row of rowsOf(rows, 'hub_epoch', EpochSchema)) this.#epochs.set(`${row.hub_id} ${row.ord}`, row.epoch);
    for (const place of placesOf(rows)) this.#stream(rows, place);
    for (const { hub_id: hubId, epoch_ord: ord, key, ver } of rowsOf(rows, 'state', StateSchema)) {
      const epoch = this.#epochs.get(`${hubId} ${ord}`) ?? 'unknown';
      this.#note({ step: 'cloud.reg', hub: this.#nameOf(hubId), epoch, gen: this.gen, ord, key, ver });
    }
    for (const row of rows) if (row.name === 'command') this.#command(row);
  }

  /** The store is an older one. */
  restored(gen: string, streams: readonly z.infer<typeof StreamSchema>[]): void {
    this.gen = gen;
    this.#hwms.clear();
    for (const row of streams) this.#hwms.set(keyOf(row), row.hwm);
    const told = streams.map(({ hub_id, epoch, lane, hwm }) => ({ hub: this.#nameOf(hub_id), epoch, lane, hwm }));
    this.#note({ step: 'restore', gen, streams: told });
  }

  #stream(rows: readonly AuditRow[], place: Place): void {
    const here = (row: Place) => keyOf(row) === keyOf(place);
    const old = this.#hwms.get(keyOf(place)) ?? 0;
    const moved = rowsOf(rows, 'stream', StreamSchema).filter(here).at(-1);
    const now = moved?.hwm ?? old;
    this.#hwms.set(keyOf(place), now);
    const seqs = rowsOf(rows, 'event', EventSchema).filter(here);
    const dead = rowsOf(rows, 'dead', EventSchema).filter(here);
    const gaps = rowsOf(rows, 'gap', GapSchema).filter(here);
    const isNamed = (seq: number) => gaps.some(({ from_seq, to_seq }) => from_seq <= seq && seq <= to_seq);
    const taken = new Set([...seqs, ...dead].map(({ seq }) => seq));
    this.#note({
      step: 'cloud.commit',
      hub: this.#nameOf(place.hub_id),
      epoch: place.epoch,
      lane: place.lane,
      gen: this.gen,
      old,
      new: now,
      seqs: rangesOf(seqs.map(({ seq }) => seq)),
      dead: rangesOf(dead.map(({ seq }) => seq)),
      covered: rangesOf(this.#movedHere(place, old, now).filter((seq) => !taken.has(seq) && !isNamed(seq))),
      gaps: gaps.map(({ from_seq: from, to_seq: to, reason }) => ({ from, to, reason })),
    });
  }

  /** What the requests name as having been elsewhere before. */
  #movedHere({ hub_id, epoch, lane }: Place, old: number, now: number): number[] {
    const seqs: number[] = [];
    const requests = (this.#open.get(hub_id) ?? []).filter((request) => request.epoch === epoch);
    for (const slice of requests.flatMap(({ logs }) => logs).filter((one) => one.lane === lane)) {
      slice.events.forEach((event, index) => {
        if (MovedSchema.safeParse(event).success) seqs.push(slice.first + index);
      });
    }
    for (const gap of requests.flatMap(({ gaps }) => gaps).filter((one) => one.lane === lane)) {
      if (!MovedSchema.safeParse(gap).success) continue;
      for (let seq = gap.from; seq <= gap.to; seq += 1) seqs.push(seq);
    }
    return seqs.filter((seq) => seq > old && seq <= now);
  }

  #command({ was, is_now }: AuditRow): void {
    const row = CommandSchema.parse(is_now);
    const of = { hub: this.#nameOf(row.hub_id), cmd: row.id };
    if (was === null) {
      const { down_seq: downSeq, slot, rev, kind } = row;
      this.#note({ step: 'cmd.create', ...of, gen: this.gen, downSeq, slot, rev, atMostOnce: isAtMostOnce(kind) });
    } else if (FINAL.includes(row.state) && was.state !== row.state) {
      this.#note({ step: 'cmd.final', ...of, state: row.state });
    }
  }
}

function keyOf({ hub_id, epoch, lane }: Place): string {
  return `${hub_id} ${epoch} ${lane}`;
}

function rowsOf<T>(rows: readonly AuditRow[], name: string, schema: z.ZodType<T>): T[] {
  return rows.filter((row) => row.name === name).map((row) => schema.parse(row.is_now));
}

/** The streams that the rows belong to. */
function placesOf(rows: readonly AuditRow[]): Place[] {
  const places = new Map<string, Place>();
  for (const { name, is_now } of rows) {
    if (name !== 'stream' && name !== 'event' && name !== 'dead' && name !== 'gap') continue;
    const place = PlaceSchema.parse(is_now);
    places.set(keyOf(place), place);
  }
  return [...places.values()];
}
