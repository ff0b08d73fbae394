import { eq } from 'drizzle-orm';
import type { Person } from '../auth/principal.js';
import type { CloudContext } from '../context.js';
import type { Tx } from '../database/database.js';
import { isOnline } from '../device/presence.js';
import { hub } from '../device/tables.js';
import type { ClaimCodes } from './claim-codes.js';
import { openness } from './claim-state.js';
import type { GuessLimit } from './guess-limit.js';

/**
 * A phone on a hub's name plate. The plate can be copied and photographed: all that a tap does is to let the glass of a hub
 * that may be claimed show a code that is good, and nobody is told whether there is such a hub, or whose it is.
 */
export class Taps {
  readonly #context: Pick<CloudContext, 'clock'>;
  readonly #parts: { codes: Pick<ClaimCodes, 'freshen'>; limit: Pick<GuessLimit, 'spend'> };

  constructor(
    context: Pick<CloudContext, 'clock'>,
    parts: { codes: Pick<ClaimCodes, 'freshen'>; limit: Pick<GuessLimit, 'spend'> },
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
    if (open !== undefined) await this.#parts.codes.freshen(tx, owner, open.transfer);
  }
}
