import { asc, eq, inArray, sql } from 'drizzle-orm';
import type { Heartbeat } from '../../contract/index.js';
import type { CloudContext } from '../context.js';
import { isDataError } from '../database/data-error.js';
import { asSystem, type Tx } from '../database/database.js';
import { Grouped } from '../grouped.js';
import { noteUsed } from './certificate-life.js';
import { hub } from './tables.js';

type Beat = { thingName: string; heartbeat: Heartbeat };
type Known = { id: string; thingName: string; boot: string | null; uptimeS: number | null };
type HeartbeatContext = Pick<CloudContext, 'db' | 'clock' | 'log' | 'metrics'>;

/** More would only hold the locks of many hubs for longer. */
const MOST_IN_GROUP = 500;

/** Takes the heartbeats of many hubs in one transaction, of each hub the newest. */
export class Heartbeats {
  readonly #context: HeartbeatContext;
  readonly #grouped: Grouped<Beat, undefined>;

  constructor(context: HeartbeatContext) {
    this.#context = context;
    this.#grouped = new Grouped({
      most: MOST_IN_GROUP,
      run: (beats) => this.#store(beats),
      isItemsFault: isDataError,
    });
  }

  /** Resolves once it is committed, or something newer of the same hub is. */
  note(thingName: string, heartbeat: Heartbeat): Promise<void> {
    return this.#grouped.add({ thingName, heartbeat });
  }

  async #store(beats: readonly Beat[]): Promise<undefined[]> {
    const { db, clock, metrics } = this.#context;
    const now = new Date(clock.now());
    await asSystem(db, async (tx) => {
      const newest = newestOf(beats);
      const known = await lockHubs(tx, [...newest.keys()]);
      this.#warnOfStrangers(newest, known);
      const fresh = known.flatMap((row) => {
        const heartbeat = newest.get(row.thingName);
        return heartbeat === undefined || isOlder(heartbeat, row) ? [] : [{ id: row.id, heartbeat }];
      });
      await noteBeats(tx, fresh, now);
      const thingNames = known.map(({ thingName }) => thingName);
      if (thingNames.length > 0) await noteUsed(tx, thingNames, now);
    });
    metrics.count('inklet_link_heartbeats_total', {}, beats.length);
    metrics.count('inklet_link_heartbeat_groups_total');
    return beats.map(() => undefined);
  }

  #warnOfStrangers(newest: ReadonlyMap<string, Heartbeat>, known: readonly Known[]): void {
    const names = new Set(known.map(({ thingName }) => thingName));
    for (const thingName of newest.keys()) {
      if (!names.has(thingName))
        this.#context.log.warn({ thingName }, 'a message came from a thing that is no hub of ours');
    }
  }
}

/** Of each thing the last that came, unless it is older than one before it. */
function newestOf(beats: readonly Beat[]): Map<string, Heartbeat> {
  const newest = new Map<string, Heartbeat>();
  for (const { thingName, heartbeat } of beats) {
    const before = newest.get(thingName);
    if (before === undefined || !isOlder(heartbeat, { boot: before.bootId, uptimeS: before.uptimeS })) {
      newest.set(thingName, heartbeat);
    }
  }
  return newest;
}

/** A broker may bring a message again after a newer one. Clocks of hubs prove nothing; within a boot its uptime does. */
function isOlder({ bootId, uptimeS }: Heartbeat, than: Pick<Known, 'boot' | 'uptimeS'>): boolean {
  return bootId === than.boot && than.uptimeS !== null && uptimeS < than.uptimeS;
}

/** By their ids, as everybody does who holds several hubs: nobody waits in a circle. */
function lockHubs(tx: Tx, thingNames: readonly string[]): Promise<Known[]> {
  return tx
    .select({
      id: hub.id,
      thingName: hub.thingName,
      boot: sql<string | null>`${hub.heartbeat}->>'bootId'`,
      uptimeS: sql<number | null>`(${hub.heartbeat}->>'uptimeS')::float8`,
    })
    .from(hub)
    .where(inArray(hub.thingName, [...thingNames]))
    .orderBy(asc(hub.id))
    .for('no key update');
}

async function noteBeats(tx: Tx, fresh: readonly { id: string; heartbeat: Heartbeat }[], now: Date): Promise<void> {
  if (fresh.length === 0) return;
  const columnOf = <T>(read: (beat: Heartbeat) => T) => sql.param(fresh.map(({ heartbeat }) => read(heartbeat)));
  const beat = sql`unnest(
    ${sql.param(fresh.map(({ id }) => id))}::uuid[],
    ${columnOf(({ version }) => version)}::text[],
    ${columnOf(({ nextHeartbeatS }) => nextHeartbeatS)}::int[],
    ${columnOf((heartbeat) => JSON.stringify(heartbeat))}::text[]) as beat(id, version, next_s, body)`;
  await tx
    .update(hub)
    .set({
      lastSeenAt: now,
      lastHeartbeatAt: now,
      nextHeartbeatS: sql`beat.next_s`,
      version: sql`beat.version`,
      heartbeat: sql`beat.body::json`,
    })
    .from(beat)
    .where(eq(hub.id, sql`beat.id`));
}
