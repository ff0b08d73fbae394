import type { SQL } from 'drizzle-orm';
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
