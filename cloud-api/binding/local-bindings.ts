import { createHash } from 'node:crypto';
import { desc, eq } from 'drizzle-orm';
import type { Logger } from 'pino';
import type { HubEvent } from '../../contract/index.js';
import type { Person } from '../auth/principal.js';
import { inCalendar } from '../calendar.js';
import type { CloudContext } from '../context.js';
import type { Tx } from '../database/database.js';
import { CloudError } from '../errors.js';
import type { EventSource } from '../sync/presentation-port.js';
import { type Bindings, type BoundHub, boundHub } from './bindings.js';
import { lockHub } from './claim-state.js';
import type { Guess, GuessLimit } from './guess-limit.js';
import { localBinding } from './tables.js';

type LocalBindingBody = Extract<HubEvent, { type: 'binding.local' }>['body'];
type LocalParts = {
  bindings: Pick<Bindings, 'bind' | 'sendBound' | 'sendUnbound'>;
  limit: Pick<GuessLimit, 'attempt'>;
};

/** Hubs that were bound in their own network while this service was away: it learns of it later, and may say no. */
export class LocalBindings {
  readonly #context: Pick<CloudContext, 'clock'>;
  readonly #log: Logger;
  readonly #parts: LocalParts;

  constructor(context: Pick<CloudContext, 'clock' | 'log'>, parts: LocalParts) {
    this.#context = context;
    this.#log = context.log.child({ mod: 'binding' });
    this.#parts = parts;
  }

  /** Takes a hub's word for it, unless it is somebody's here or was let go here since: then the hub is told so. */
  async note(tx: Tx, { hubId }: EventSource, body: LocalBindingBody): Promise<void> {
    const { bindingId, householdName, at, receiptSha256, endedAt = null } = body;
    const now = new Date(this.#context.clock.now());
    const owner = await lockHub(tx, hubId);
    const [known] = await tx.select().from(localBinding).where(eq(localBinding.id, bindingId));
    if (owner === undefined || (known !== undefined && known.hubId !== hubId)) return;
    const isVetoed = owner.householdId !== null && known?.adoptedAt == null;
    if (known === undefined) {
      const boundAt = inCalendar(Date.parse(at)) ?? now;
      const row = { id: bindingId, hubId, householdName, boundAt, receiptSha256, receivedAt: now };
      await tx.insert(localBinding).values({ ...row, endedAt: isVetoed || endedAt !== null ? now : null });
    } else if (endedAt !== null) {
      await tx.update(localBinding).set({ endedAt: now }).where(eq(localBinding.id, bindingId));
    }
    if (endedAt !== null) return;
    if (owner.householdId !== null && isVetoed) {
      this.#log.warn({ hubId, bindingId }, 'a hub that is bound here was bound at home: it is told whose it is');
      await this.#parts.bindings.sendBound(tx, hubId, owner.householdId);
    } else if (owner.householdId === null && (known?.adoptedAt != null || known?.endedAt != null)) {
      await this.#parts.bindings.sendUnbound(tx, hubId);
    }
  }

  /**
   * Makes a binding at home one of this person's household; the same again answers alike.
   * @throws CloudError `binding.unknown-receipt`, `binding.vetoed`, `rate_limited`
   */
  async adopt(person: Person, address: string, receipt: string): Promise<BoundHub> {
    const receiptSha256 = createHash('sha256').update(receipt).digest('hex');
    const guesser = { accountId: person.accountId, address };
    return this.#parts.limit.attempt('receipt', guesser, (tx) => this.#adopt(tx, person, receiptSha256));
  }

  async #adopt(tx: Tx, { householdId }: Person, receiptSha256: string): Promise<Guess<BoundHub>> {
    const isIt = eq(localBinding.receiptSha256, receiptSha256);
    const [found] = await tx.select({ hubId: localBinding.hubId }).from(localBinding).where(isIt);
    const owner = found && (await lockHub(tx, found.hubId));
    const [row] = await tx.select().from(localBinding).where(isIt);
    if (owner === undefined || row === undefined) return { wrong: unknownReceipt() };
    if (row.adoptedAt !== null && owner.householdId === householdId) return { found: await boundHub(tx, owner) };
    const [newest] = await tx
      .select({ id: localBinding.id })
      .from(localBinding)
      .where(eq(localBinding.hubId, owner.id))
      .orderBy(desc(localBinding.receivedAt), desc(localBinding.id))
      .limit(1);
    const isOver = row.endedAt !== null || row.adoptedAt !== null || newest?.id !== row.id;
    if (isOver || owner.householdId !== null) return { wrong: vetoed() };
    const now = new Date(this.#context.clock.now());
    await tx.update(localBinding).set({ adoptedAt: now }).where(eq(localBinding.id, row.id));
    return { found: await this.#parts.bindings.bind(tx, owner, householdId, row.id) };
  }
}

function unknownReceipt(): CloudError {
  const message = 'No hub has told of this receipt yet. If it is online again, try once more in a minute.';
  return new CloudError('binding.unknown-receipt', message);
}

function vetoed(): CloudError {
  return new CloudError('binding.vetoed', 'The hub is not held by this receipt any more.');
}
