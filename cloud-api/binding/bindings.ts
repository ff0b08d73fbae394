import { and, desc, eq, inArray, isNull } from 'drizzle-orm';
import { z } from 'zod';
import type { CommandKind } from '../../contract/index.js';
import type { Commands } from '../command/commands.js';
import { command } from '../command/tables.js';
import type { CloudContext } from '../context.js';
import { asSystem, type Tx } from '../database/database.js';
import { hardware, hub } from '../device/tables.js';
import { releaseDisplays } from '../display/release.js';
import { display } from '../display/tables.js';
import { CloudError } from '../errors.js';
import { household } from '../household/tables.js';
import type { PresentationPort } from '../sync/presentation-port.js';
import { type HubRow, isOpenAtHome } from './claim-state.js';
import { claim, hubTransfer, localBinding } from './tables.js';

/** A hub and its displays, bound. */
export type BoundHub = {
  hub: { id: string; thingName: string };
  displays: { id: string; name: string; panel: string }[];
};

/** Whose a hub is has a slot of its own: no claim screen may take its place while the hub is away. */
const SLOT = 'binding';
/** The claim screens, which nobody waits for once it is said whose the hub is. */
export const CLAIM_SLOT = 'claim';
const BINDING_KINDS: CommandKind[] = ['bound', 'unbound'];
const UNDER_WAY = new Set<string>(['QUEUED', 'OFFERED', 'RECEIVED']);
const AdoptsSchema = z.object({ householdId: z.string(), adopts: z.string().optional() });

type ToldOfUnbinding = Pick<PresentationPort, 'commandsChanged' | 'displaysReleased'>;

/** Which household a hub belongs to, and what changes with it. All but `unbind` run under the lock of the hub's row. */
export class Bindings {
  readonly #context: Pick<CloudContext, 'db' | 'clock'>;
  readonly #commands: Commands;
  readonly #presentations: ToldOfUnbinding;

  constructor(
    context: Pick<CloudContext, 'db' | 'clock'>,
    parts: { commands: Commands; presentations: ToldOfUnbinding },
  ) {
    this.#context = context;
    this.#commands = parts.commands;
    this.#presentations = parts.presentations;
  }

  /**
   * Gives a hub without household to one, and tells the hub. `adopts`: the binding of its own that it keeps.
   * @throws CloudError `invalid_state` for a hub that was retired
   */
  async bind(tx: Tx, owner: HubRow, householdId: string, adopts?: string): Promise<BoundHub> {
    await refuseRetired(tx, owner.hwId);
    const boundAt = new Date(this.#context.clock.now());
    await tx.update(hub).set({ householdId, boundAt }).where(eq(hub.id, owner.id));
    await tx.update(display).set({ householdId, boundAt }).where(isDisplayOf(owner.id));
    await tx.update(localBinding).set({ endedAt: boundAt }).where(isOpenAtHome(owner.id));
    await this.sendBound(tx, owner.id, householdId, { adopts });
    return boundHub(tx, owner);
  }

  /** Lets a hub go on behalf of its household. @throws CloudError `hub_not_found` */
  async unbind(householdId: string, hubId: string): Promise<void> {
    await asSystem(this.#context.db, async (tx) => {
      const isTheirs = and(eq(hub.id, hubId), eq(hub.householdId, householdId));
      const [owner] = await tx.select().from(hub).where(isTheirs).for('update');
      if (owner === undefined) throw new CloudError('hub_not_found', 'No hub of this household has this id.');
      await this.release(tx, hubId, householdId);
      await this.sendUnbound(tx, hubId);
    });
  }

  /** Takes a hub and its displays out of a household, and withdraws what was on its way to it. */
  async release(tx: Tx, hubId: string, householdId: string): Promise<void> {
    const now = new Date(this.#context.clock.now());
    await tx.update(hub).set({ householdId: null, boundAt: null }).where(eq(hub.id, hubId));
    await tx
      .update(claim)
      .set({ deadAt: now })
      .where(and(eq(claim.hubId, hubId), isNull(claim.deadAt), isNull(claim.confirmedAt)));
    await tx
      .update(hubTransfer)
      .set({ cancelledAt: now })
      .where(and(eq(hubTransfer.hubId, hubId), isNull(hubTransfer.cancelledAt), isNull(hubTransfer.acceptedAt)));
    const displayIds = await releaseDisplays(tx, hubId);
    const withdrawn = await this.#commands.withdrawAll(tx, hubId);
    await this.#presentations.commandsChanged(tx, { hubId, householdId }, withdrawn);
    await this.#presentations.displaysReleased(tx, { hubId, householdId }, displayIds);
  }

  /** `from`: whom alone the hub is to leave; whomever it belongs to without. */
  async sendUnbound(tx: Tx, hubId: string, from?: string): Promise<void> {
    const body = { reason: 'released' as const, ...(from !== undefined && { householdId: from }) };
    const endsSlot = from === undefined ? CLAIM_SLOT : undefined;
    await this.#commands.enqueueCommand(tx, { hubId, householdId: null, slot: SLOT, endsSlot, kind: 'unbound', body });
  }

  /** `again`: the hub may know it already, and shows something of its household's. */
  async sendBound(
    tx: Tx,
    hubId: string,
    householdId: string,
    more: { adopts?: string | undefined; again?: boolean } = {},
  ): Promise<void> {
    const householdName = await nameOf(tx, householdId);
    const body = { householdId, householdName, ...more };
    // What is said again takes nothing from an offer of the household's.
    const endsSlot = more.again === true ? undefined : CLAIM_SLOT;
    await this.#commands.enqueueCommand(tx, { hubId, householdId, slot: SLOT, endsSlot, kind: 'bound', body });
  }

  /**
   * A hub says whose it takes itself to be, under the lock of its row: one that is mistaken is told again whose it is,
   * unless it is on its way to know. Whom nobody knows here has bound the hub at home, and is still to be heard of.
   */
  async setRight(tx: Tx, owner: HubRow, said: string | null): Promise<void> {
    if (said === owner.householdId) return;
    const last = await lastWord(tx, owner.id);
    if (last !== undefined && UNDER_WAY.has(last.state)) return;
    if (owner.householdId !== null) {
      const before = AdoptsSchema.safeParse(last?.body);
      const isSame = before.success && before.data.householdId === owner.householdId;
      const adopts = isSame ? before.data.adopts : undefined;
      // What it said may have been on its way since before it knew.
      await this.sendBound(tx, owner.id, owner.householdId, { adopts, again: true });
    } else if (said !== null && (await isParted(tx, owner.id, said))) {
      await this.sendUnbound(tx, owner.id, said);
    }
  }
}

async function lastWord(tx: Tx, hubId: string): Promise<{ state: string; body: unknown } | undefined> {
  const [row] = await tx
    .select({ state: command.state, body: command.body })
    .from(command)
    .where(and(eq(command.hubId, hubId), inArray(command.kind, BINDING_KINDS)))
    .orderBy(desc(command.downSeq))
    .limit(1);
  return row;
}

/** A household of an account, which the hub has not any more, or one at home whose binding is over. */
async function isParted(tx: Tx, hubId: string, said: string): Promise<boolean> {
  const [account] = await tx.select({ id: household.id }).from(household).where(eq(household.id, said));
  if (account !== undefined) return true;
  const isItHere = and(eq(localBinding.id, said), eq(localBinding.hubId, hubId));
  const [atHome] = await tx.select().from(localBinding).where(isItHere);
  return atHome !== undefined && (atHome.endedAt !== null || atHome.adoptedAt !== null);
}

/** For a day it may still be at work, to hear that it was let go. */
async function refuseRetired(tx: Tx, hwId: string): Promise<void> {
  const [made] = await tx.select({ state: hardware.state }).from(hardware).where(eq(hardware.hwId, hwId));
  if (made?.state === 'RETIRED') throw new CloudError('invalid_state', 'This hub was taken out of use for good.');
}

/** What the glass and the pages call a household. */
export async function nameOf(tx: Tx, householdId: string): Promise<string> {
  const [row] = await tx.select().from(household).where(eq(household.id, householdId));
  return row?.name ?? 'Household';
}

function isDisplayOf(hubId: string): ReturnType<typeof and> {
  return and(eq(display.hubId, hubId), eq(display.reported, true));
}

/** What a binding answers; the same again answers alike. */
export async function boundHub(tx: Tx, { id, thingName }: HubRow): Promise<BoundHub> {
  const displays = await tx
    .select({ id: display.id, name: display.name, panel: display.panel })
    .from(display)
    .where(isDisplayOf(id))
    .orderBy(display.id);
  return { hub: { id, thingName }, displays };
}
