import { type SQL, sql } from 'drizzle-orm';
import { z } from 'zod';
import { queryRows } from '../../../cloud-api/database/database.js';
import type { SyncInput } from '../../../cloud-api/sync/sync-input.js';
import type { CloudChange, RigCloud } from '../rig/rig-cloud.js';

export type Call = { hubId: string; input: SyncInput };
type Statements = (call: Call) => SQL[];

/** Does something of its own to the tables, in a transaction of its own, before or after each exchange. */
export function meddling({ before, after }: { before?: Statements; after?: Statements }): CloudChange {
  const run = async (cloud: RigCloud, statements: readonly SQL[]) => {
    for (const one of statements) await cloud.cloud.context.db.asOwner((tx) => tx.execute(one));
  };
  return {
    exchange: async (cloud, call, go) => {
      await run(cloud, before?.(call) ?? []);
      const reply = await go(call.input);
      await run(cloud, after?.(call) ?? []);
      return reply;
    },
  };
}

/** Changes what comes in before anybody looks at it. */
export function misreading(change: (input: SyncInput) => SyncInput): CloudChange {
  return { exchange: (_cloud, { input }, go) => go(change(input)) };
}

const MarkSchema = z.object({ lane: z.number(), hwm: z.coerce.number() });

/** Nothing that would tell two copies of a card apart is looked at: ids are forgotten, and what is covered is skipped unseen. */
export const takingCopiesForOne: CloudChange = {
  exchange: async (cloud, { hubId, input }, go) => {
    const marks = await cloud.cloud.context.db.asOwner((tx) =>
      queryRows(
        tx,
        MarkSchema,
        sql`update stream set hwm_id = null where hub_id = ${hubId} and epoch = ${input.epoch} returning lane, hwm`,
      ),
    );
    const logs = input.logs.flatMap((slice) => {
      const { hwm = 0 } = marks.find(({ lane }) => lane === slice.lane) ?? {};
      const covered = Math.max(0, hwm - slice.first + 1);
      const events = slice.events.slice(covered);
      return events.length === 0 ? [] : [{ ...slice, first: slice.first + covered, events }];
    });
    return go({ ...input, after: {}, logs });
  },
};
