import { desc, eq, or } from 'drizzle-orm';
import type { Person } from '../auth/principal.js';
import type { Commands } from '../command/commands.js';
import type { CloudContext } from '../context.js';
import { asSystem, type Tx } from '../database/database.js';
import { hub } from '../device/tables.js';
import { CloudError } from '../errors.js';
import { CLAIM_SLOT } from './bindings.js';
import type { ClaimCodes } from './claim-codes.js';
import { type HubRow, liveTransferOf, lockHub, type TransferRow } from './claim-state.js';
import { hubTransfer } from './tables.js';

/** An offer as one of the two households sees it. Who the other is stands in neither. */
export type ListedTransfer = {
  id: string;
  hubId: string;
  hwIdLast4: string;
  side: 'from' | 'to';
  state: 'offered' | 'cancelled' | 'expired' | 'accepted';
  offeredAt: Date;
  expiresAt: Date;
  endedAt: Date | null;
};

type TransferParts = {
  commands: Pick<Commands, 'enqueueCommand'>;
  codes: Pick<ClaimCodes, 'freshen' | 'endOthers'>;
};

const OFFER_LIFE_MS = 24 * 60 * 60_000;
const MOST_LISTED = 100;

/** Hands a hub from one household to another: it goes on working for the former until the latter has claimed it. */
export class Transfers {
  readonly #context: Pick<CloudContext, 'db' | 'clock' | 'newId'>;
  readonly #parts: TransferParts;

  constructor(context: Pick<CloudContext, 'db' | 'clock' | 'newId'>, parts: TransferParts) {
    this.#context = context;
    this.#parts = parts;
  }

  /** Offers a hub for a day and lets it show a code; once more shows the code again. @throws CloudError `hub_not_found`, `rate_limited` */
  async offer(person: Person, hubId: string): Promise<{ id: string; expiresAt: Date }> {
    const { db, clock, newId } = this.#context;
    const { codes } = this.#parts;
    return asSystem(db, async (tx) => {
      const owner = await ownHub(tx, person, hubId);
      const nowMs = clock.now();
      let transfer = await liveTransferOf(tx, hubId, nowMs);
      if (transfer === undefined) {
        const span = { offeredAt: new Date(nowMs), expiresAt: new Date(nowMs + OFFER_LIFE_MS) };
        const who = { fromHouseholdId: person.householdId, offeredBy: person.accountId };
        [transfer] = await tx
          .insert(hubTransfer)
          .values({ id: newId(), hubId, ...who, ...span })
          .returning();
      }
      if (transfer === undefined) throw noHub();
      const given = await codes.freshen(tx, owner, transfer);
      if (!given.ok) throw given.refusal;
      return transfer;
    });
  }

  /** Ends the offer; what the household showed comes back to the glass. Without one, nothing happens. @throws CloudError `hub_not_found` */
  async cancel(person: Person, hubId: string): Promise<void> {
    const { db, clock } = this.#context;
    await asSystem(db, async (tx) => {
      await ownHub(tx, person, hubId);
      const transfer = await liveTransferOf(tx, hubId, clock.now());
      if (transfer === undefined) return;
      const cancelledAt = new Date(clock.now());
      await tx.update(hubTransfer).set({ cancelledAt }).where(eq(hubTransfer.id, transfer.id));
      await this.#parts.codes.endOthers(tx, hubId, null);
      const order = { hubId, householdId: null, slot: CLAIM_SLOT, kind: 'claim_over', body: {} } as const;
      await this.#parts.commands.enqueueCommand(tx, order);
    });
  }

  /** The offers of a household and those that it took up, newest first. */
  async list({ householdId }: Person): Promise<ListedTransfer[]> {
    const { db, clock } = this.#context;
    const rows = await asSystem(db, (tx) =>
      tx
        .select({ transfer: hubTransfer, hwId: hub.hwId })
        .from(hubTransfer)
        .innerJoin(hub, eq(hub.id, hubTransfer.hubId))
        .where(or(eq(hubTransfer.fromHouseholdId, householdId), eq(hubTransfer.toHouseholdId, householdId)))
        .orderBy(desc(hubTransfer.offeredAt))
        .limit(MOST_LISTED),
    );
    return rows.map(({ transfer, hwId }) => ({
      ...transfer,
      ...standingOf(transfer, clock.now()),
      hwIdLast4: hwId.slice(-4),
      side: transfer.fromHouseholdId === householdId ? 'from' : 'to',
    }));
  }
}

function standingOf(
  { acceptedAt, cancelledAt, expiresAt }: TransferRow,
  nowMs: number,
): Pick<ListedTransfer, 'state' | 'endedAt'> {
  if (acceptedAt !== null) return { state: 'accepted', endedAt: acceptedAt };
  if (cancelledAt !== null) return { state: 'cancelled', endedAt: cancelledAt };
  return expiresAt.getTime() <= nowMs ? { state: 'expired', endedAt: expiresAt } : { state: 'offered', endedAt: null };
}

async function ownHub(tx: Tx, { householdId }: Person, hubId: string): Promise<HubRow> {
  const owner = await lockHub(tx, hubId);
  if (owner?.householdId !== householdId) throw noHub();
  return owner;
}

function noHub(): CloudError {
  return new CloudError('hub_not_found', 'No hub of this household has this id.');
}
