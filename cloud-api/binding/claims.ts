import { and, eq, sql } from 'drizzle-orm';
import type { Person } from '../auth/principal.js';
import type { Commands } from '../command/commands.js';
import type { CloudContext } from '../context.js';
import { asSystem, type Tx } from '../database/database.js';
import { hardware, hub } from '../device/tables.js';
import { CloudError } from '../errors.js';
import { type Bindings, type BoundHub, boundHub, CLAIM_SLOT, nameOf } from './bindings.js';
import { claimCodeHmac } from './claim-code.js';
import type { ClaimCodes } from './claim-codes.js';
import { type ClaimRow, type HubRow, isLive, lockHub, noClaim, openness } from './claim-state.js';
import type { GuessLimit } from './guess-limit.js';
import { claim, hubTransfer } from './tables.js';

/** What a person is shown, to compare with the glass before binding. */
export type FoundClaim = { claimId: string; model: string; hwIdLast4: string; word: string; expiresAt: Date };

type ClaimParts = {
  commands: Pick<Commands, 'enqueueCommand'>;
  bindings: Pick<Bindings, 'bind' | 'release'>;
  codes: Pick<ClaimCodes, 'give'>;
  limit: Pick<GuessLimit, 'attempt'>;
};

/** From the code on the glass to a hub that is somebody's, after RFC 8628: who types the code compares and confirms. */
export class Claims {
  readonly #context: Pick<CloudContext, 'db' | 'clock' | 'keys'>;
  readonly #parts: ClaimParts;

  constructor(context: Pick<CloudContext, 'db' | 'clock' | 'keys'>, parts: ClaimParts) {
    this.#context = context;
    this.#parts = parts;
  }

  /**
   * Finds the hub that shows a code, and lets its glass say who asks.
   * @throws CloudError `claim.not-found`, `rate_limited`, `slow_down`, `invalid_state` for a hub of the person's own
   */
  async lookUp(person: Person, address: string, typed: string): Promise<FoundClaim> {
    const { clock, keys } = this.#context;
    const codeHmac = claimCodeHmac(keys.derive('claim-code'), typed);
    const { accountId } = person;
    return this.#parts.limit.attempt<FoundClaim>('code', { accountId, address }, async (tx) => {
      const [row] = await tx
        .select()
        .from(claim)
        .where(and(eq(claim.codeHmac, codeHmac), isLive(clock.now())));
      const owner = row && (await lockHub(tx, row.hubId));
      if (row === undefined || owner === undefined) return { wrong: noClaim() };
      const open = await openness(tx, owner, clock.now());
      if (open === undefined || (open.transfer?.id ?? null) !== row.transferId) return { wrong: noClaim() };
      if (owner.householdId === person.householdId) {
        throw new CloudError('invalid_state', 'The hub is yours: the code is for the household that shall have it.');
      }
      return { found: await this.ask(tx, row, person) };
    });
  }

  /** Notes who asks, and shows it on the glass beside the word. */
  async ask(tx: Tx, row: ClaimRow, { accountId, householdId }: Person): Promise<FoundClaim> {
    const { hubId, id: claimId, word, expiresAt } = row;
    if (row.lookedUpBy !== accountId) {
      await tx.update(claim).set({ lookedUpBy: accountId }).where(eq(claim.id, claimId));
      const householdName = await nameOf(tx, householdId);
      const told = { claimId, householdName, word, expiresAt: expiresAt.toISOString() };
      const body = { ...told, ...(row.transferId !== null && { transfer: true }) };
      const order = { hubId, householdId: null, slot: CLAIM_SLOT, kind: 'claim_asked', body } as const;
      await this.#parts.commands.enqueueCommand(tx, { ...order, deadlineAt: expiresAt });
    }
    return { claimId, ...(await factsOf(tx, hubId)), word, expiresAt };
  }

  /**
   * Binds the hub of a claim that this person looked up; the same again answers alike. A hub that was offered leaves its
   * household in the same moment.
   * @throws CloudError `claim.not-found`
   */
  async confirm(person: Person, claimId: string): Promise<BoundHub> {
    const { db, clock } = this.#context;
    const { bindings } = this.#parts;
    return asSystem(db, async (tx) => {
      const { row, owner } = await this.#lookedUp(tx, person, claimId);
      if (row.confirmedAt !== null && owner.householdId === person.householdId) return boundHub(tx, owner);
      const now = new Date(clock.now());
      const used = await tx
        .update(claim)
        .set({ confirmedAt: now })
        .where(and(eq(claim.id, claimId), isLive(clock.now())))
        .returning({ id: claim.id });
      const open = await openness(tx, owner, clock.now());
      if (used.length === 0 || open === undefined || (open.transfer?.id ?? null) !== row.transferId) throw noClaim();
      if (open.transfer !== undefined) {
        const accepted = { acceptedAt: now, toHouseholdId: person.householdId };
        await tx.update(hubTransfer).set(accepted).where(eq(hubTransfer.id, open.transfer.id));
        await bindings.release(tx, owner.id, open.transfer.fromHouseholdId);
      }
      return bindings.bind(tx, owner, person.householdId);
    });
  }

  /** The glass shows another word, or none: the claim is over, and the hub shows a new code. @throws CloudError `claim.not-found` */
  async decline(person: Person, claimId: string): Promise<void> {
    const { db, clock } = this.#context;
    await asSystem(db, async (tx) => {
      const { row, owner } = await this.#lookedUp(tx, person, claimId);
      const open = await openness(tx, owner, clock.now());
      const ended = await tx
        .update(claim)
        .set({ deadAt: new Date(clock.now()) })
        .where(and(eq(claim.id, row.id), isLive(clock.now())))
        .returning({ id: claim.id });
      if (ended.length > 0 && open !== undefined) await this.#parts.codes.give(tx, owner, { transfer: open.transfer });
    });
  }

  async #lookedUp(tx: Tx, person: Person, claimId: string): Promise<{ row: ClaimRow; owner: HubRow }> {
    const [row] = await tx.select().from(claim).where(eq(claim.id, claimId));
    if (row?.lookedUpBy !== person.accountId) throw noClaim();
    const owner = await lockHub(tx, row.hubId);
    if (owner === undefined) throw noClaim();
    return { row, owner };
  }
}

async function factsOf(tx: Tx, hubId: string): Promise<{ model: string; hwIdLast4: string }> {
  const [made] = await tx
    .select({ hwId: hub.hwId, model: sql<string>`coalesce(${hub.model}, 'model ' || ${hardware.model})` })
    .from(hub)
    .innerJoin(hardware, eq(hardware.hwId, hub.hwId))
    .where(eq(hub.id, hubId));
  if (made === undefined) throw noClaim();
  return { model: made.model, hwIdLast4: made.hwId.slice(-4) };
}
