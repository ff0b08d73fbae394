import { and, desc, eq, gt, isNull, ne } from 'drizzle-orm';
import { CLAIM_WORDS } from '../../contract/index.js';
import type { Commands } from '../command/commands.js';
import type { CloudContext } from '../context.js';
import { asSystem, type Tx } from '../database/database.js';
import { hub } from '../device/tables.js';
import { CloudError } from '../errors.js';
import { type Bindings, CLAIM_SLOT } from './bindings.js';
import { claimCodeFor, claimCodeHmac } from './claim-code.js';
import { type ClaimRow, type HubRow, isLive, isOpenAtHome, liveClaimOf, type TransferRow } from './claim-state.js';
import { claim, localBinding } from './tables.js';

type CodesContext = Pick<CloudContext, 'db' | 'clock' | 'log' | 'newId' | 'randomBytes' | 'keys' | 'settings'>;

/** Whether a hub was given a code; if not, what whoever asked for it may be told. */
export type Given = { ok: true } | { ok: false; refusal: CloudError };

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const CODE_LIFE_MS = 10 * MINUTE_MS;
/** A code with less time left is replaced when somebody wants to type it. */
const WORTH_TYPING_MS = 2 * MINUTE_MS;
/** So far a hub's clock may go before ours and still be right. */
const CLOCKS_DIFFER_MS = MINUTE_MS;
const MOST_CODES_PER_HOUR = 30;

/** Gives hubs the codes that they show, one at a time: a new one kills the one before. */
export class ClaimCodes {
  readonly #context: CodesContext;
  readonly #commands: Commands;
  readonly #bindings: Pick<Bindings, 'sendBound'>;

  constructor(context: CodesContext, parts: { commands: Commands; bindings: Pick<Bindings, 'sendBound'> }) {
    this.#context = context;
    this.#commands = parts.commands;
    this.#bindings = parts.bindings;
  }

  /** Answers a hub that asks for a code; the same request gets the same code. */
  async request(thingName: string, requestId: string): Promise<void> {
    const { db, log } = this.#context;
    await asSystem(db, async (tx) => {
      const [row] = await tx.select().from(hub).where(eq(hub.thingName, thingName)).for('update');
      if (row === undefined) {
        log.warn({ thingName }, 'a thing that is no hub of ours asks for a claim code');
      } else if (row.householdId !== null) {
        // It lost its store: it is told again to whom it belongs.
        await this.#bindings.sendBound(tx, row.id, row.householdId, { again: true });
      } else if (await isOvertaken(tx, row.id, requestId, this.#context.clock.now())) {
        log.info({ thingName }, 'a claim code was asked for before the hub was bound at home');
      } else {
        // It takes itself for nobody's: whoever bound it at home has left, or its store was lost.
        const endedAt = new Date(this.#context.clock.now());
        await tx.update(localBinding).set({ endedAt }).where(isOpenAtHome(row.id));
        await this.give(tx, row, { requestId });
      }
    });
  }

  /** Lets a hub show a code that is worth typing, by this offer if it is somebody's: the one that it has, or a new one. */
  async freshen(tx: Tx, owner: HubRow, transfer: TransferRow | undefined): Promise<Given> {
    const nowMs = this.#context.clock.now();
    const live = await liveClaimOf(tx, owner.id, nowMs);
    const isOfThis = live !== undefined && live.codeHmac !== null && live.transferId === (transfer?.id ?? null);
    const isGood = isOfThis && live.expiresAt.getTime() - nowMs >= WORTH_TYPING_MS;
    if (!isGood) return this.give(tx, owner, { transfer });
    // A hub that works for its household shows a code for a while only; one of nobody's shows it all the time.
    if (transfer !== undefined) await this.send(tx, live, transfer);
    return { ok: true };
  }

  /** Lets a hub show a code, under the lock of its row; one that has had too many in this hour gets none. */
  async give(
    tx: Tx,
    owner: HubRow,
    { requestId = this.#context.newId(), transfer }: { requestId?: string; transfer?: TransferRow | undefined } = {},
  ): Promise<Given> {
    const { clock, keys, newId } = this.#context;
    const nowMs = clock.now();
    const refusal = await this.tooMany(tx, owner, requestId);
    if (refusal !== undefined) return { ok: false, refusal };
    await this.endOthers(tx, owner.id, requestId);
    const key = keys.derive('claim-code');
    const expiresMs = Math.min(nowMs + CODE_LIFE_MS, transfer?.expiresAt.getTime() ?? Number.POSITIVE_INFINITY);
    await tx
      .insert(claim)
      .values({
        id: newId(),
        hubId: owner.id,
        requestId,
        codeHmac: claimCodeHmac(key, claimCodeFor(key, owner.id, requestId)),
        word: this.newWord(),
        createdAt: new Date(nowMs),
        expiresAt: new Date(expiresMs),
        transferId: transfer?.id ?? null,
      })
      .onConflictDoNothing({ target: [claim.hubId, claim.requestId] });
    const [live] = await tx
      .select()
      .from(claim)
      .where(and(eq(claim.hubId, owner.id), eq(claim.requestId, requestId), isLive(nowMs)));
    if (live !== undefined) await this.send(tx, live, transfer);
    return { ok: true };
  }

  /** Sends the code of a claim that has one; over again brings it back to the glass. */
  async send(
    tx: Tx,
    { hubId, requestId, word, expiresAt }: ClaimRow,
    transfer: TransferRow | undefined,
  ): Promise<void> {
    const { keys, settings } = this.#context;
    const code = claimCodeFor(keys.derive('claim-code'), hubId, requestId);
    const body = {
      requestId,
      code,
      url: bindingUrl(settings.publicUrl, code),
      word,
      expiresAt: expiresAt.toISOString(),
      ...(transfer !== undefined && { transfer: { fromHouseholdId: transfer.fromHouseholdId } }),
    };
    const order = {
      hubId,
      householdId: null,
      slot: CLAIM_SLOT,
      kind: 'claim_code',
      body,
      deadlineAt: expiresAt,
    } as const;
    await this.#commands.enqueueCommand(tx, order);
  }

  /** Ends the claims of a hub, save one. */
  async endOthers(tx: Tx, hubId: string, requestId: string | null): Promise<void> {
    const others = requestId === null ? undefined : ne(claim.requestId, requestId);
    await tx
      .update(claim)
      .set({ deadAt: new Date(this.#context.clock.now()) })
      .where(and(eq(claim.hubId, hubId), isNull(claim.deadAt), isNull(claim.confirmedAt), others));
  }

  newWord(): string {
    return CLAIM_WORDS[this.#context.randomBytes(1).readUInt8() % CLAIM_WORDS.length] ?? CLAIM_WORDS[0];
  }

  /** Why the glass of a hub is not to be drawn for one more claim in this hour, if so. */
  async tooMany(tx: Tx, owner: HubRow, requestId: string | null = null): Promise<CloudError | undefined> {
    const { clock, log } = this.#context;
    const others = requestId === null ? undefined : ne(claim.requestId, requestId);
    const since = new Date(clock.now() - HOUR_MS);
    const made = await tx
      .select({ at: claim.createdAt })
      .from(claim)
      .where(and(eq(claim.hubId, owner.id), gt(claim.createdAt, since), others))
      .orderBy(desc(claim.createdAt))
      .limit(MOST_CODES_PER_HOUR);
    const oldest = made[MOST_CODES_PER_HOUR - 1];
    if (oldest === undefined) return undefined;
    log.warn({ thingName: owner.thingName }, 'a hub was to show claims too often');
    const retryAfterS = Math.max(1, Math.ceil((oldest.at.getTime() + HOUR_MS - clock.now()) / 1000));
    return new CloudError('rate_limited', 'The hub has shown too many codes; try again later.', { retryAfterS });
  }
}

/**
 * Whether a request waited at the broker while its hub was bound at home: both ids are of the hub's making and tell when
 * (RFC 9562 section 5.7). A binding of days to come is no judge: the hub's clock was wrong, and what it asks now would never count.
 */
async function isOvertaken(tx: Tx, hubId: string, requestId: string, nowMs: number): Promise<boolean> {
  const atHome = await tx.select({ id: localBinding.id }).from(localBinding).where(isOpenAtHome(hubId));
  return atHome.some(({ id }) => madeMs(id) <= nowMs + CLOCKS_DIFFER_MS && requestId.toLowerCase() < id.toLowerCase());
}

/** When a UUIDv7 was made. */
function madeMs(id: string): number {
  return Number.parseInt(id.replaceAll('-', '').slice(0, 12), 16);
}

/** The page that a phone opens. What follows # stays out of the logs of web servers. */
export function bindingUrl(publicUrl: string, code: string): string {
  return `${publicUrl}/bind#code=${code}`;
}
