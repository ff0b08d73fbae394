import { sql } from 'drizzle-orm';
import { z } from 'zod';
import type { Heartbeat } from '../../contract/index.js';
import type { CloudContext } from '../context.js';
import { isDataError } from '../database/data-error.js';
import { asSystem, queryRows, type Tx } from '../database/database.js';
import { unnested } from '../database/unnested.js';
import { Grouped } from '../grouped.js';

type Beat = { thingName: string; heartbeat: Heartbeat };
const KnownSchema = z.object({ thing_name: z.string() });
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
    const newest = newestOf(beats);
    const known = await asSystem(db, (tx) => noteBeats(tx, newest, now));
    this.#warnOfStrangers(newest, known);
    metrics.count('inklet_link_heartbeats_total', {}, beats.length);
    metrics.count('inklet_link_heartbeat_groups_total');
    return beats.map(() => undefined);
  }

  #warnOfStrangers(newest: ReadonlyMap<string, Heartbeat>, known: readonly string[]): void {
    if (known.length === newest.size) return;
    const { log } = this.#context;
    for (const thingName of newest.keys()) {
      if (!known.includes(thingName)) log.warn({ thingName }, 'a message came from a thing that is no hub of ours');
    }
  }
}

/** Of each thing the last that came, unless it is older than one before it. */
function newestOf(beats: readonly Beat[]): Map<string, Heartbeat> {
  const newest = new Map<string, Heartbeat>();
  for (const { thingName, heartbeat } of beats) {
    const before = newest.get(thingName);
    if (before === undefined || !isOlder(heartbeat, before)) {
      newest.set(thingName, heartbeat);
    }
  }
  return newest;
}

/** A broker may bring a message again after a newer one. Clocks of hubs prove nothing; within a boot its uptime does. */
function isOlder(one: Heartbeat, than: Heartbeat): boolean {
  return one.bootId === than.bootId && one.uptimeS < than.uptimeS;
}

/**
 * One statement, since each costs a journey to the database. Hubs are locked by their ids, as everybody does who holds
 * several: nobody waits in a circle. Gives the things that are hubs of ours.
 */
async function noteBeats(tx: Tx, newest: ReadonlyMap<string, Heartbeat>, now: Date): Promise<string[]> {
  const beats = unnested('beats', [...newest], {
    thing_name: ['text', ([thingName]) => thingName],
    boot: ['text', ([, { bootId }]) => bootId],
    uptime_s: ['float8', ([, { uptimeS }]) => uptimeS],
    version: ['text', ([, { version }]) => version],
    next_s: ['int', ([, { nextHeartbeatS }]) => nextHeartbeatS],
    body: ['json', ([, heartbeat]) => JSON.stringify(heartbeat)],
  });
  const at = sql`${now.toISOString()}::timestamptz`;
  const rows = await queryRows(
    tx,
    KnownSchema,
    sql`with beat as materialized (
        select * from ${beats}
      ), held as materialized (
        select id, thing_name, heartbeat from hub
        where thing_name in (select thing_name from beat) order by id for no key update
      ), noted as (
        update hub set last_seen_at = ${at}, last_heartbeat_at = ${at},
          next_heartbeat_s = beat.next_s, version = beat.version, heartbeat = beat.body
        from beat join held using (thing_name)
        where hub.id = held.id and (held.heartbeat->>'bootId' is distinct from beat.boot
          or (held.heartbeat->>'uptimeS')::float8 <= beat.uptime_s)
      ), used as (
        update certificate set first_used_at = ${at}
        where thing_name in (select thing_name from held)
          and revoked_at is null and commit_by is null and first_used_at is null
      ) select thing_name from held`,
  );
  return rows.map(({ thing_name }) => thing_name);
}
