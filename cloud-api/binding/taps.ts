import { eq } from 'drizzle-orm';
import type { Person } from '../auth/principal.js';
import type { CloudContext } from '../context.js';
import type { Tx } from '../database/database.js';
import { isOnline } from '../device/presence.js';
import { hub } from '../device/tables.js';
import type { ClaimCodes } from './claim-codes.js';
import { liveClaimOf, openness } from './claim-state.js';
import type { GuessLimit } from './guess-limit.js';

/** A code with less time left is replaced when somebody wants to type it. */
const WORTH_TYPING_MS = 2 * 60_000;

/**
 * A phone on a hub's name plate. The plate can be copied and photographed: all that a tap does is to let the glass of a hub
 * that may be claimed show a code that is good, and nobody is told whether there is such a hub, or whose it is.
 */
export class Taps {
  readonly #context: Pick<CloudContext, 'clock'>;
  readonly #parts: { codes: Pick<ClaimCodes, 'give' | 'send'>; limit: Pick<GuessLimit, 'spend'> };

  constructor(
    context: Pick<CloudContext, 'clock'>,
    parts: { codes: Pick<ClaimCodes, 'give' | 'send'>; limit: Pick<GuessLimit, 'spend'> },
  ) {
    this.#context = context;
    this.#parts = parts;
  }

  /** @throws CloudError `rate_limited` */
  async tap({ accountId }: Person, address: string, thingName: string): Promise<void> {
    await this.#parts.limit.spend('tap', { accountId, address }, (tx) => this.#freshen(tx, thingName));
  }

  async #freshen(tx: Tx, thingName: string): Promise<void> {
    const nowMs = this.#context.clock.now();
    const [owner] = await tx.select().from(hub).where(eq(hub.thingName, thingName)).for('update');
    if (owner === undefined || !isOnline(owner, nowMs)) return;
    const open = await openness(tx, owner, nowMs);
    if (open === undefined) return;
    const live = await liveClaimOf(tx, owner.id, nowMs);
    const isGood = live !== undefined && live.codeHmac !== null && live.expiresAt.getTime() - nowMs >= WORTH_TYPING_MS;
    if (!isGood) await this.#parts.codes.give(tx, owner, open);
    // A hub that works for its household shows a code for a while only; one of nobody's shows it all the time.
    else if (open.transfer !== undefined) await this.#parts.codes.send(tx, live, open.transfer);
  }
}
