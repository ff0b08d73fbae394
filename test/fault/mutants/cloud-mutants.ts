import { sql } from 'drizzle-orm';
import { z } from 'zod';
import type { Transact } from '../rig/rig-database.js';
import { lanesOf } from '../rig/small-limits.js';
import { type Call, meddling, misreading } from './meddling.js';
import type { Mutant } from './mutant.js';

const EVERY = 4;
const DROPS = { enqueue: 20, burst: 12, deliver: 24 } as const;

class Undone extends RangeError {}

/** Of every few transactions, one is answered and then undone. */
function answeringFirst(): Transact {
  let count = 0;
  return async (run, fn) => {
    count += 1;
    if (count % EVERY > 0) return run(fn);
    let value: { of: Awaited<ReturnType<typeof fn>> } | undefined;
    try {
      return await run(async (tx) => {
        value = { of: await fn(tx) };
        throw new Undone();
      });
    } catch (error) {
      if (error instanceof Undone && value !== undefined) return value.of;
      throw error;
    }
  };
}

const HwmSchema = z.object({ hub_id: z.string(), epoch: z.string(), lane: z.number(), hwm: z.coerce.number() });
const RowsSchema = z.object({ rows: z.array(HwmSchema) });

/** The high-water marks stay where they were moved even if the rest is undone. */
const markingApart: Transact = async (run, fn) => {
  let marks: z.infer<typeof HwmSchema>[] = [];
  try {
    return await run(async (tx) => {
      const value = await fn(tx);
      const result = await tx.execute(sql`select hub_id, epoch, lane, hwm from stream`);
      marks = RowsSchema.parse(result).rows;
      return value;
    });
  } catch (error) {
    await run(async (tx) => {
      for (const { hub_id, epoch, lane, hwm } of marks) {
        await tx.execute(sql`insert into stream (hub_id, epoch, lane, hwm, updated_at)
          values (${hub_id}, ${epoch}, ${lane}, ${hwm}, now())
          on conflict (hub_id, epoch, lane) do update set hwm = excluded.hwm where stream.hwm < excluded.hwm`);
      }
    });
    throw error;
  }
};

/** The end of what a request says of each lane. */
function endsOf({ input }: Call): { lane: number; to: number }[] {
  return input.logs.map(({ lane, first, events }) => ({ lane, to: first + events.length - 1 }));
}

function withoutWas(event: unknown): unknown {
  if (typeof event !== 'object' || event === null || !('was' in event)) return event;
  const { was: _, ...rest } = event;
  return rest;
}

/** What can be wrong in the cloud. */
export const CLOUD_MUTANTS: readonly Mutant[] = [
  {
    name: 'answers before the commit',
    breaks: 'I7',
    // Anew for each round, which counts from the start.
    cloud: { transact: answeringFirst() },
    steps: 12,
    seed: 3,
  },
  {
    name: 'moves the mark outside the transaction',
    breaks: 'I4',
    cloud: { transact: markingApart },
    weights: { commitFault: 12 },
    steps: 12,
    seed: 8,
  },
  {
    name: 'lets a mark fall with a late request',
    breaks: 'I5',
    cloud: meddling({
      after: (call) =>
        endsOf(call).map(
          ({ lane, to }) =>
            sql`update stream set hwm = ${to} where hub_id = ${call.hubId} and epoch = ${call.input.epoch} and lane = ${lane}`,
        ),
    }),
    weights: { stray: 20 },
    steps: 20,
    seed: 8,
  },
  {
    name: 'does not look where an event was before',
    breaks: 'I3',
    cloud: misreading((input) => ({
      ...input,
      logs: input.logs.map((slice) => ({ ...slice, events: slice.events.map(withoutWas) })),
    })),
    weights: { newEpoch: 8 },
    seed: 4,
  },
  {
    name: 'takes an older value of a register',
    breaks: 'I10',
    cloud: meddling({
      before: ({ hubId }) => [sql`update state set ver = 0, epoch_ord = 0 where hub_id = ${hubId}`],
    }),
    weights: { register: 20, stray: 20 },
    seed: 1,
  },
  {
    name: 'keeps a gap that overlaps what is here',
    breaks: 'I4',
    cloud: meddling({
      after: ({ hubId }) => [sql`update gap set from_seq = from_seq - 1 where hub_id = ${hubId} and from_seq > 1`],
    }),
    weights: DROPS,
    limits: lanesOf(2048),
    seed: 1,
  },
  {
    name: 'forgets gaps',
    breaks: 'I1',
    cloud: meddling({ after: ({ hubId }) => [sql`delete from gap where hub_id = ${hubId}`] }),
    weights: DROPS,
    limits: lanesOf(2048),
    seed: 1,
  },
  {
    name: 'throws away what it cannot read',
    breaks: 'I1',
    cloud: meddling({ after: ({ hubId }) => [sql`delete from dead where hub_id = ${hubId}`] }),
    weights: { enqueue: 40 },
    seed: 2,
  },
  {
    name: 'takes a received command for applied',
    breaks: 'I13',
    cloud: meddling({
      after: ({ hubId }) => [sql`update command set state = 'APPLIED' where hub_id = ${hubId} and state = 'RECEIVED'`],
    }),
    weights: { order: 16 },
    seed: 1,
  },
  {
    name: 'takes the time of arrival for that of the event',
    breaks: 'I18',
    cloud: meddling({
      after: ({ hubId }) => [sql`update event set ts_lo = received_at, ts_hi = received_at where hub_id = ${hubId}`],
    }),
    weights: { hours: 10 },
    seed: 1,
  },
];
