import { z } from 'zod';
import { EpochSchema, LaneSchema, type SyncEvent } from '../../contract/index.js';
import type { SyncInput } from './sync-input.js';

/** A place in a stream, and several in a row of which both ends belong to them. */
export type Was = { epoch: string; lane: number; seq: number };
export type WasRange = { epoch: string; lane: number; from: number; to: number };

/** What is stored at a place; null where nobody could read it. */
export type HeldEvent = { id: string | null; type: string | null; body: unknown };

/** A gap that is stored. */
export type HeldGap = WasRange & { reason: string };

const MovedSchema = z.looseObject({
  was: z.array(z.looseObject({ epoch: EpochSchema, lane: LaneSchema, seq: z.int().positive() })).max(16),
});

export function placeKey({ epoch, lane, seq }: Was): string {
  return `${epoch} ${lane} ${seq}`;
}

/** Where events of a request were in earlier epochs. */
export function earlierPlaces({ job: { input } }: { job: { input: SyncInput } }): Was[] {
  const events = input.logs.flatMap((slice) => slice.events);
  return events.flatMap((event) => {
    const moved = MovedSchema.safeParse(event);
    return moved.success ? moved.data.was.map(({ epoch, lane, seq }) => ({ epoch, lane, seq })) : [];
  });
}

/** Whether what is stored at a place is another event than this one; not if nothing is there any more. */
export function isAnother(
  held: HeldEvent | undefined,
  { id, type, body }: Pick<SyncEvent, 'id' | 'type' | 'body'>,
): boolean {
  if (held === undefined) return false;
  if (held.id !== null && id !== undefined) return held.id.toLowerCase() !== id.toLowerCase();
  return held.type !== type || JSON.stringify(held.body ?? null) !== JSON.stringify(body ?? null);
}
