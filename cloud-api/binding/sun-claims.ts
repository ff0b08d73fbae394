import { eq, lt } from 'drizzle-orm';
import type { SunKeys } from '../../provisioning/hw-id/index.js';
import { verifySun } from '../../provisioning/hw-id/index.js';
import type { Person } from '../auth/principal.js';
import type { CloudContext } from '../context.js';
import type { Tx } from '../database/database.js';
import { isOnline } from '../device/presence.js';
import { hardware, hub, sunTag } from '../device/tables.js';
import { CloudError } from '../errors.js';
import type { ClaimCodes } from './claim-codes.js';
import { type HubRow, liveClaimOf, noClaim, openness } from './claim-state.js';
import type { Claims, FoundClaim } from './claims.js';
import type { Guess, GuessLimit } from './guess-limit.js';
import { claim } from './tables.js';

/** What the link of an NTAG 424 DNA says, in hex. */
export type SunLink = { piccData: string; cmac: string };

type SunContext = Pick<CloudContext, 'clock' | 'newId' | 'settings'>;
type SunParts = {
  claims: Pick<Claims, 'ask'>;
  codes: Pick<ClaimCodes, 'endOthers' | 'newWord' | 'tooMany'>;
  limit: Pick<GuessLimit, 'attempt'>;
};

/** From the first sight of a link to the confirmation; a relayed one is too late. */
const LINK_LIFE_MS = 60_000;

const SAID = {
  'sun.malformed': 'This is no link of a tag of ours.',
  'sun.wrong-mac': 'The link was not made by the tag that it names.',
  'sun.replayed': 'The link was used before: hold the phone to the tag once more.',
} as const;

/** A tag that proves itself at each read stands for the code: whoever reads it stands before the hub. */
export class SunClaims {
  readonly #context: SunContext;
  readonly #parts: SunParts;

  constructor(context: SunContext, parts: SunParts) {
    this.#context = context;
    this.#parts = parts;
  }

  /**
   * A claim of the hub that the tag belongs to, to be compared with its glass and confirmed within a minute.
   * @throws CloudError `sun.*`, `claim.not-found` where the hub is somebody's or away, `rate_limited`
   */
  async claim(person: Person, address: string, link: SunLink): Promise<FoundClaim> {
    const { sunKeys } = this.#context.settings;
    const guesser = { accountId: person.accountId, address };
    return this.#parts.limit.attempt('sun', guesser, (tx) => this.#take(tx, person, link, sunKeys));
  }

  async #take(tx: Tx, person: Person, link: SunLink, keys: SunKeys | undefined): Promise<Guess<FoundClaim>> {
    if (keys === undefined) return { wrong: unknownTag() };
    // The counter is compared where it is stored, once the tag is known.
    const read = verifySun(link, keys, () => undefined);
    if (!read.ok) return { wrong: new CloudError(read.reason, SAID[read.reason]) };
    const [made] = await tx.select().from(hardware).where(eq(hardware.sunTagUid, read.tagUid)).for('update');
    if (made === undefined) return { wrong: unknownTag() };
    const isFresh = await countUp(tx, read.tagUid, read.counter);
    if (!isFresh) return { wrong: new CloudError('sun.replayed', SAID['sun.replayed']) };
    const [owner] = await tx.select().from(hub).where(eq(hub.hwId, made.hwId)).for('update');
    return owner === undefined ? { wrong: noClaim() } : this.#open(tx, person, owner);
  }

  async #open(tx: Tx, person: Person, owner: HubRow): Promise<Guess<FoundClaim>> {
    const { clock, newId } = this.#context;
    const nowMs = clock.now();
    const open = await openness(tx, owner, nowMs);
    const isOwn = owner.householdId === person.householdId;
    // Without its glass there is nothing to compare with.
    if (open === undefined || isOwn || !isOnline(owner, nowMs)) return { wrong: noClaim() };
    const tooMany = await this.#parts.codes.tooMany(tx, owner);
    if (tooMany !== undefined) return { wrong: tooMany };
    const shown = await liveClaimOf(tx, owner.id, nowMs);
    await this.#parts.codes.endOthers(tx, owner.id, null);
    const [made] = await tx
      .insert(claim)
      .values({
        id: newId(),
        hubId: owner.id,
        requestId: newId(),
        codeHmac: null,
        // What stands on the glass already need not be drawn first.
        word: shown?.word ?? this.#parts.codes.newWord(),
        createdAt: new Date(nowMs),
        expiresAt: new Date(nowMs + LINK_LIFE_MS),
        transferId: open.transfer?.id ?? null,
      })
      .returning();
    return made === undefined ? { wrong: noClaim() } : { found: await this.#parts.claims.ask(tx, made, person) };
  }
}

/** Raises what a tag has counted; false, and nothing changed, where it was as far before. */
async function countUp(tx: Tx, uid: string, counter: number): Promise<boolean> {
  const raised = await tx
    .insert(sunTag)
    .values({ uid, counter })
    .onConflictDoUpdate({ target: sunTag.uid, set: { counter }, setWhere: lt(sunTag.counter, counter) })
    .returning({ uid: sunTag.uid });
  return raised.length > 0;
}

function unknownTag(): CloudError {
  return new CloudError('sun.unknown-tag', 'No hub has this tag.');
}
