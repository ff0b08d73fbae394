import { and, eq, isNull, sql } from 'drizzle-orm';
import type { Person } from '../auth/principal.js';
import type { Commands } from '../command/commands.js';
import type { CloudContext } from '../context.js';
import { asSystem, type Tx } from '../database/database.js';
import { display } from '../display/tables.js';
import { CloudError } from '../errors.js';
import { household } from '../household/tables.js';
import { AttemptLimit } from './attempt-limit.js';
import { claimCodeFor, claimCodeHmac } from './claim-code.js';
import { releaseHub, type ToldOfRelease } from './release-hub.js';
import { claim, hardware, hub } from './tables.js';
import { CLAIM_WORDS } from './words.js';

/** What a person is shown, to compare with the glass before binding. */
export type FoundClaim = { claimId: string; model: string; hwIdLast4: string; word: string; expiresAt: Date };

/** A hub and its displays, bound. */
export type BoundHub = {
  hub: { id: string; thingName: string };
  displays: { id: string; name: string; panel: string }[];
};

type ClaimContext = Pick<CloudContext, 'db' | 'clock' | 'log' | 'newId' | 'randomBytes' | 'keys' | 'settings'>;
type ClaimRow = typeof claim.$inferSelect;
type HubRow = typeof hub.$inferSelect;

const MINUTE_MS = 60_000;
const CODE_LIFE_MS = 10 * MINUTE_MS;
const DAY_MS = 24 * 60 * MINUTE_MS;

/** Claim codes and binding, after RFC 8628: the glass shows a code, a person with an account types it. */
export class Claims {
  readonly #context: ClaimContext;
  readonly #commands: Commands;
  readonly #presentations: ToldOfRelease['presentations'];
  /** The limits of wrong tries; with them a hit in an hour stays below one in ten thousand even with 1,000 live codes. */
  readonly #limits: { account: AttemptLimit; address: AttemptLimit; accountPerDay: AttemptLimit; all: AttemptLimit };
  readonly #requests: AttemptLimit;

  constructor(context: ClaimContext, parts: { commands: Commands; presentations: ToldOfRelease['presentations'] }) {
    this.#context = context;
    this.#commands = parts.commands;
    this.#presentations = parts.presentations;
    const { clock } = context;
    this.#limits = {
      account: new AttemptLimit({ clock, max: 5, windowMs: CODE_LIFE_MS }),
      address: new AttemptLimit({ clock, max: 5, windowMs: CODE_LIFE_MS }),
      accountPerDay: new AttemptLimit({ clock, max: 10, windowMs: DAY_MS }),
      all: new AttemptLimit({ clock, max: 1000, windowMs: 60 * MINUTE_MS }),
    };
    this.#requests = new AttemptLimit({ clock, max: 30, windowMs: 60 * MINUTE_MS });
  }

  /** Answers a hub that asks for a code: a new code kills the one before. */
  async request(thingName: string, requestId: string): Promise<void> {
    const { db, log } = this.#context;
    if (this.#requests.isReached(thingName)) {
      log.warn({ thingName }, 'a hub asks for claim codes too often');
      return;
    }
    this.#requests.note(thingName);
    await asSystem(db, async (tx) => {
      const [row] = await tx.select().from(hub).where(eq(hub.thingName, thingName)).for('update');
      if (row === undefined) {
        log.warn({ thingName }, 'a thing that is no hub of ours asks for a claim code');
      } else if (row.householdId !== null) {
        // It lost its store: it is told again to whom it belongs.
        await this.#sendBound(tx, row.id, row.householdId);
      } else {
        await this.#giveCode(tx, row, requestId);
      }
    });
  }

  /** @throws CloudError `claim.not-found`, `rate_limited` */
  async lookUp(person: Person, address: string, typed: string): Promise<FoundClaim> {
    const { db, clock, keys } = this.#context;
    const counted: [AttemptLimit, string][] = [
      [this.#limits.account, person.accountId],
      [this.#limits.address, address],
      [this.#limits.accountPerDay, person.accountId],
      [this.#limits.all, ''],
    ];
    if (counted.some(([limit, key]) => limit.isReached(key))) {
      throw new CloudError('rate_limited', 'Too many wrong codes; try again later.');
    }
    const found = await asSystem(db, async (tx) => {
      const codeHmac = claimCodeHmac(keys.derive('claim-code'), typed);
      const [row] = await tx
        .update(claim)
        .set({ lookedUpBy: person.accountId })
        .where(and(eq(claim.codeHmac, codeHmac), isLive(clock.now())))
        .returning();
      if (row === undefined) return undefined;
      const [made] = await tx
        .select({ hwId: hub.hwId, model: sql<string>`coalesce(${hub.model}, 'model ' || ${hardware.model})` })
        .from(hub)
        .innerJoin(hardware, eq(hardware.hwId, hub.hwId))
        .where(eq(hub.id, row.hubId));
      return (
        made && { claimId: row.id, ...made, hwIdLast4: made.hwId.slice(-4), word: row.word, expiresAt: row.expiresAt }
      );
    });
    if (found !== undefined) return found;
    for (const [limit, key] of counted) limit.note(key);
    throw noClaim();
  }

  /** Binds the hub of a claim that this person looked up; the same again answers alike. @throws CloudError `claim.not-found` */
  async confirm(person: Person, claimId: string): Promise<BoundHub> {
    const { db, clock } = this.#context;
    return asSystem(db, async (tx) => {
      const [row] = await tx.select().from(claim).where(eq(claim.id, claimId));
      if (row?.lookedUpBy !== person.accountId) throw noClaim();
      const [owner] = await tx.select().from(hub).where(eq(hub.id, row.hubId)).for('update');
      if (owner === undefined) throw noClaim();
      if (row.confirmedAt !== null && owner.householdId === person.householdId) return boundHub(tx, owner);
      const now = new Date(clock.now());
      const used = await tx
        .update(claim)
        .set({ confirmedAt: now })
        .where(and(eq(claim.id, claimId), isLive(clock.now())))
        .returning({ id: claim.id });
      if (used.length === 0 || owner.householdId !== null) throw noClaim();
      const { householdId } = person;
      await tx.update(hub).set({ householdId, boundAt: now }).where(eq(hub.id, owner.id));
      await tx.update(display).set({ householdId, boundAt: now }).where(isDisplayOf(owner.id));
      await this.#sendBound(tx, owner.id, householdId);
      return boundHub(tx, owner);
    });
  }

  /** Lets a hub go: its displays leave the household, and what was on its way to it is withdrawn. @throws CloudError `hub_not_found` */
  async unbind(householdId: string, hubId: string): Promise<void> {
    const released = await asSystem(this.#context.db, (tx) => this.release(tx, { hubId, householdId }));
    if (!released) throw new CloudError('hub_not_found', 'No hub of this household has this id.');
  }

  /** The same in the caller's transaction; false if the hub is not this household's. */
  release(tx: Tx, hub: { hubId: string; householdId: string }): Promise<boolean> {
    return releaseHub(tx, { commands: this.#commands, presentations: this.#presentations }, hub);
  }

  async #giveCode(tx: Tx, owner: HubRow, requestId: string): Promise<void> {
    const { clock, keys, newId, randomBytes } = this.#context;
    const now = new Date(clock.now());
    await tx
      .update(claim)
      .set({ deadAt: now })
      .where(and(eq(claim.hubId, owner.id), sql`${claim.requestId} <> ${requestId}`, isNull(claim.deadAt)));
    const word = CLAIM_WORDS[randomBytes(1).readUInt8() % CLAIM_WORDS.length] ?? CLAIM_WORDS[0];
    const key = keys.derive('claim-code');
    await tx
      .insert(claim)
      .values({
        id: newId(),
        hubId: owner.id,
        requestId,
        codeHmac: claimCodeHmac(key, claimCodeFor(key, owner.id, requestId)),
        word,
        createdAt: now,
        expiresAt: new Date(now.getTime() + CODE_LIFE_MS),
      })
      .onConflictDoNothing({ target: [claim.hubId, claim.requestId] });
    const [live] = await tx
      .select()
      .from(claim)
      .where(and(eq(claim.hubId, owner.id), eq(claim.requestId, requestId), isLive(now.getTime())));
    if (live !== undefined) await this.#sendCode(tx, live);
  }

  async #sendCode(tx: Tx, { hubId, requestId, word, expiresAt }: ClaimRow): Promise<void> {
    const { keys, settings } = this.#context;
    const code = claimCodeFor(keys.derive('claim-code'), hubId, requestId);
    const body = {
      requestId,
      code,
      url: bindingUrl(settings.publicUrl, code),
      word,
      expiresAt: expiresAt.toISOString(),
    };
    await this.#commands.enqueueCommand(tx, {
      hubId,
      householdId: null,
      slot: 'claim',
      kind: 'claim_code',
      body,
      deadlineAt: expiresAt,
    });
  }

  async #sendBound(tx: Tx, hubId: string, householdId: string): Promise<void> {
    const [row] = await tx.select().from(household).where(eq(household.id, householdId));
    const body = { householdId, householdName: row?.name ?? 'Household' };
    await this.#commands.enqueueCommand(tx, { hubId, householdId, slot: 'claim', kind: 'bound', body });
  }
}

/** The page that a phone opens. What follows # stays out of the logs of web servers. */
export function bindingUrl(publicUrl: string, code: string): string {
  return `${publicUrl}/bind#code=${code}`;
}

function isLive(nowMs: number): ReturnType<typeof and> {
  return and(
    isNull(claim.deadAt),
    isNull(claim.confirmedAt),
    sql`${claim.expiresAt} > ${new Date(nowMs).toISOString()}`,
  );
}

function noClaim(): CloudError {
  return new CloudError('claim.not-found', 'No hub shows this code now.');
}

function isDisplayOf(hubId: string): ReturnType<typeof and> {
  return and(eq(display.hubId, hubId), eq(display.reported, true));
}

async function boundHub(tx: Tx, { id, thingName }: HubRow): Promise<BoundHub> {
  const displays = await tx
    .select({ id: display.id, name: display.name, panel: display.panel })
    .from(display)
    .where(isDisplayOf(id))
    .orderBy(display.id);
  return { hub: { id, thingName }, displays };
}
