import { and, asc, eq, gt } from 'drizzle-orm';
import type { CloudContext } from '../context.js';
import { asSystem } from '../database/database.js';
import { hardware, hub } from './tables.js';

type State = (typeof hardware.$inferSelect)['state'];

/** Which hardware; `after` is the last of the page before. */
export type FleetQuery = {
  state?: State | undefined;
  batch?: number | undefined;
  after?: string | undefined;
  limit: number;
};

/** One piece of hardware in the list of the fleet. */
export type ListedHardware = {
  hwId: string;
  state: State;
  model: number;
  batch: number;
  thingName: string | null;
  lastSeenAt: string | null;
};

const SEEN = { thingName: hub.thingName, lastSeenAt: hub.lastSeenAt };

/** The hardware that the factory wrote down, in the order of its ids. */
export async function listHardware(
  { db }: Pick<CloudContext, 'db'>,
  { state, batch, after, limit }: FleetQuery,
): Promise<ListedHardware[]> {
  const wanted = and(
    state === undefined ? undefined : eq(hardware.state, state),
    batch === undefined ? undefined : eq(hardware.batch, batch),
    after === undefined ? undefined : gt(hardware.hwId, after),
  );
  const { hwId, model } = hardware;
  const rows = await asSystem(db, (tx) =>
    tx
      .select({ hwId, model, batch: hardware.batch, state: hardware.state, ...SEEN })
      .from(hardware)
      .leftJoin(hub, eq(hub.hwId, hardware.hwId))
      .where(wanted)
      .orderBy(asc(hardware.hwId))
      .limit(limit),
  );
  return rows.map((row) => ({ ...row, lastSeenAt: row.lastSeenAt?.toISOString() ?? null }));
}
