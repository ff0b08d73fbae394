import { z } from 'zod';
import { EpochSchema, IdSchema, LaneSchema } from '../../contract/index.js';
import type { Row } from './salvage-tables.js';

const CountSchema = z.number().int().nonnegative();
const SeqSchema = z.number().int().positive();

const LaneRowSchema = z
  .object({ lane: LaneSchema, next_seq: SeqSchema, acked: CountSchema, bytes: CountSchema, rows: CountSchema })
  .refine(({ next_seq, acked, rows }) => acked < next_seq && rows < next_seq - acked);

const LogRowSchema = z.object({
  lane: LaneSchema,
  seq: SeqSchema,
  id: IdSchema,
  type: z.string().min(1).max(64),
  tv: z.number().int().positive(),
  boot: IdSchema,
  wq: z.union([z.literal(0), z.literal(1), z.literal(2)]),
});

const GapRowSchema = z
  .object({ lane: LaneSchema, from_seq: SeqSchema, to_seq: SeqSchema, rows: CountSchema, bytes: CountSchema })
  .refine(({ from_seq, to_seq }) => from_seq <= to_seq);

const PlaceSchema = z.object({ epoch: EpochSchema, lane: LaneSchema });
const WasSchema = z.array(
  z.union([PlaceSchema.extend({ seq: SeqSchema }), PlaceSchema.extend({ from: SeqSchema, to: SeqSchema })]),
);

/** More than this cannot have been in a file of the size that ours may have: the counter itself is damaged. */
const MOST_ROWS = 4_000_000;
const MAX_WAS = 16;

type Range = { from: number; to: number };

/** What is known of a lane of a damaged file: its counters, and the lowest and highest number that was seen. */
export class SalvageLane {
  #counters: z.infer<typeof LaneRowSchema> | undefined;
  #lowest = Number.POSITIVE_INFINITY;
  #highest = 0;

  count(row: Row): void {
    this.#counters ??= LaneRowSchema.safeParse(row).data;
  }

  see({ from, to }: Range): void {
    this.#lowest = Math.min(this.#lowest, from);
    this.#highest = Math.max(this.#highest, to);
  }

  /** Whether its counters could be read; without them, what was below and above the seen numbers is not known. */
  get isCounted(): boolean {
    return this.#counters !== undefined;
  }

  /** What the lane held by its counters. */
  get held(): { rows: number; bytes: number } {
    return this.#counters ?? { rows: 0, bytes: 0 };
  }

  /** Up to here the cloud has everything. A row is deleted with its acknowledgement: what is still there is not acknowledged. */
  get acked(): number {
    const lowestOpen = this.#highest === 0 ? Number.POSITIVE_INFINITY : this.#lowest - 1;
    if (this.#counters !== undefined) return Math.min(this.#counters.acked, lowestOpen);
    return this.#highest === 0 ? 0 : lowestOpen;
  }

  /** The last number that was given. */
  get last(): number {
    const counted = this.#counters === undefined ? 0 : this.#counters.next_seq - 1;
    if (counted - Math.max(this.#highest, this.acked) > MOST_ROWS) return Math.max(this.#highest, this.acked);
    return Math.max(counted, this.#highest);
  }
}

/** The numbers that a row of `log` or `gap` stands for; undefined if it cannot be what was written. */
export function rangeOf(table: string, row: Row): (Range & { lane: z.infer<typeof LaneSchema> }) | undefined {
  if (table === 'log') {
    const log = LogRowSchema.safeParse(row).data;
    return log === undefined ? undefined : { lane: log.lane, from: log.seq, to: log.seq };
  }
  const gap = GapRowSchema.safeParse(row).data;
  return gap === undefined ? undefined : { lane: gap.lane, from: gap.from_seq, to: gap.to_seq };
}

/** The earlier places of a row with one more; undefined if those that it had cannot be read. */
export function wasAlso(was: unknown, place: Record<string, unknown> | undefined): string | null | undefined {
  const known = was === null || was === undefined ? [] : parsedWas(was);
  if (known === undefined) return undefined;
  const places = place === undefined ? known : [...known, place].slice(-MAX_WAS);
  return places.length === 0 ? null : JSON.stringify(places);
}

function parsedWas(was: unknown): unknown[] | undefined {
  return typeof was === 'string' && isJson(was) ? WasSchema.safeParse(JSON.parse(was)).data : undefined;
}

export function isJson(text: unknown): boolean {
  if (typeof text !== 'string') return false;
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
