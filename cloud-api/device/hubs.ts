import { and, eq, isNull, lt, sql } from 'drizzle-orm';
import type { DisplayState, Heartbeat, State } from '../../contract/index.js';
import type { Bindings } from '../binding/bindings.js';
import type { CloudContext } from '../context.js';
import { asSystem, type Tx, withHousehold } from '../database/database.js';
import { releaseUnreported } from '../display/release.js';
import { display } from '../display/tables.js';
import type { PresentationPort } from '../sync/presentation-port.js';
import { isLive } from './certificate-life.js';
import { Heartbeats } from './heartbeats.js';
import { isOnline } from './presence.js';
import { certificate, hub } from './tables.js';

export type HubRow = typeof hub.$inferSelect;

/** A hub as its household sees it. */
export type ListedHub = Pick<HubRow, 'id' | 'thingName' | 'model' | 'version' | 'boundAt' | 'lastSeenAt'> & {
  hwIdLast4: string;
  online: boolean;
};

type HubsParts = {
  presentations: Pick<PresentationPort, 'displaysReleased'>;
  bindings: Pick<Bindings, 'setRight'>;
};

/** The registry of hubs, and what they say of themselves. */
export class Hubs {
  readonly #context: Pick<CloudContext, 'db' | 'clock' | 'log' | 'metrics'>;
  readonly #parts: HubsParts;
  readonly #heartbeats: Heartbeats;

  constructor(context: Pick<CloudContext, 'db' | 'clock' | 'log' | 'metrics'>, parts: HubsParts) {
    this.#context = context;
    this.#parts = parts;
    this.#heartbeats = new Heartbeats(context);
  }

  async list(householdId: string): Promise<ListedHub[]> {
    const { db, clock } = this.#context;
    const rows = await withHousehold(db, householdId, (tx) => tx.select().from(hub).orderBy(hub.boundAt, hub.id));
    return rows.map((row) => ({
      ...row,
      hwIdLast4: row.hwId.slice(-4),
      online: isOnline(row, clock.now()),
    }));
  }

  /** Resolves once the sign of life is committed, together with those of other hubs that came meanwhile. */
  noteHeartbeat(thingName: string, heartbeat: Heartbeat): Promise<void> {
    return this.#heartbeats.note(thingName, heartbeat);
  }

  /** Takes what a hub says of its displays, unless something newer was said before. */
  async noteState(thingName: string, state: State): Promise<void> {
    await this.#noteSeen(thingName, (tx, row) => this.takeState(tx, row, state));
  }

  /** The same in the transaction of who holds the lock on the hub. */
  async takeState(tx: Tx, row: HubRow, state: State): Promise<void> {
    const { log, clock } = this.#context;
    const { id: hubId, householdId, thingName } = row;
    const { hwId, model, version, rev } = state;
    if (hwId !== row.hwId) {
      log.warn({ thingName }, 'a hub reports another hardware id than its own');
      return;
    }
    const newer = await tx
      .update(hub)
      .set({ model, version, stateRev: rev })
      .where(and(eq(hub.id, hubId), lt(hub.stateRev, rev)))
      .returning({ id: hub.id });
    if (newer.length === 0) return;
    for (const shown of state.displays) {
      if (await putDisplay(tx, row, shown, new Date(clock.now()))) continue;
      log.warn({ thingName, displayId: shown.displayId }, 'a hub reports a display of another hub');
    }
    const reported = state.displays.map(({ displayId }) => displayId);
    const released = await releaseUnreported(tx, hubId, reported);
    await this.#parts.presentations.displaysReleased(tx, { hubId, householdId }, released);
    if (state.householdId !== undefined) await this.#parts.bindings.setRight(tx, row, state.householdId);
  }

  async #noteSeen(thingName: string, apply: (tx: Tx, row: HubRow) => PromiseLike<unknown>): Promise<void> {
    const { db, clock, log } = this.#context;
    const now = new Date(clock.now());
    await asSystem(db, async (tx) => {
      // The lock keeps a binding that runs now from leaving a display without its household.
      const [row] = await tx.select().from(hub).where(eq(hub.thingName, thingName)).for('update');
      if (row === undefined) {
        log.warn({ thingName }, 'a message came from a thing that is no hub of ours');
        return;
      }
      await tx.update(hub).set({ lastSeenAt: now }).where(eq(hub.id, row.id));
      await tx
        .update(certificate)
        .set({ firstUsedAt: now })
        .where(and(isLive(thingName), isNull(certificate.firstUsedAt)));
      await apply(tx, row);
    });
  }
}

/**
 * Writes a display of this hub; false if the id is another hub's. What it shows and what is under way to it are not
 * taken from here: this message may have been on its way for long, and events prove both.
 */
async function putDisplay(tx: Tx, owner: HubRow, shown: DisplayState, now: Date): Promise<boolean> {
  const reported = {
    name: shown.name,
    kind: shown.kind,
    panel: shown.panel,
    width: shown.width,
    height: shown.height,
    inks: shown.inks,
    profile: shown.profile ?? null,
    stateUpdatedAt: now,
    householdId: owner.householdId,
    boundAt: owner.boundAt,
    reported: true,
  };
  const written = await tx
    .insert(display)
    .values({ id: shown.displayId, hubId: owner.id, ...reported })
    .onConflictDoUpdate({
      target: display.id,
      set: reported,
      setWhere: sql`${display.hubId} = excluded.hub_id`,
    })
    .returning({ id: display.id });
  return written.length > 0;
}
