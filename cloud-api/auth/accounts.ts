import { hash, verify } from '@node-rs/argon2';
import { eq } from 'drizzle-orm';
import type { CloudContext } from '../context.js';
import { asSystem, type Tx } from '../database/database.js';
import { CloudError } from '../errors.js';
import { household, membership } from '../household/tables.js';
import { ACCESS_TOKEN_LIFE_S, signAccessToken } from './access-tokens.js';
import type { Role } from './permissions.js';
import { RefreshTokens } from './refresh-tokens.js';
import { account } from './tables.js';

/** A log-in: what the client keeps, and whose it is. */
export type Session = {
  accessToken: string;
  expiresInS: number;
  refreshToken: string;
  account: { id: string; email: string };
  household: { id: string; name: string };
};

type AccountContext = Pick<CloudContext, 'db' | 'clock' | 'log' | 'newId' | 'randomBytes' | 'keys'> & {
  /** A new UUIDv4. */
  newAccountId: () => string;
};

/** Wrong passwords in a row before an account is locked. */
const FREE_TRIES = 10;
const FIRST_LOCK_MS = 60_000;
const LONGEST_LOCK_MS = 60 * 60_000;

export class Accounts {
  readonly #context: AccountContext;
  readonly #refreshTokens: RefreshTokens;
  #decoy: Promise<string> | undefined;

  constructor(context: AccountContext) {
    this.#context = context;
    this.#refreshTokens = new RefreshTokens(context);
  }

  /** Makes an account with a household of its own. @throws CloudError `email_taken` */
  async signUp(person: { email: string; password: string; householdName: string }): Promise<Session> {
    const { db, clock, newId, newAccountId } = this.#context;
    const email = person.email.toLowerCase();
    const passwordHash = await hash(person.password);
    const createdAt = new Date(clock.now());
    return asSystem(db, async (tx) => {
      const accountId = newAccountId();
      const made = await tx
        .insert(account)
        .values({ id: accountId, email, passwordHash, createdAt })
        .onConflictDoNothing({ target: account.email })
        .returning({ id: account.id });
      if (made.length === 0) throw new CloudError('email_taken', 'An account with this e-mail address exists.');
      const householdId = newId();
      await tx.insert(household).values({ id: householdId, name: person.householdName, createdAt });
      await tx.insert(membership).values({ householdId, accountId, role: 'owner', createdAt });
      const { token, familyId } = await this.#refreshTokens.begin(tx, accountId);
      return this.#session(tx, { accountId, familyId, refreshToken: token });
    });
  }

  /** @throws CloudError `authentication_failed`, `rate_limited` while the account is locked */
  async logIn({ email, password }: { email: string; password: string }): Promise<Session> {
    const { db, clock } = this.#context;
    const [row] = await asSystem(db, (tx) => tx.select().from(account).where(eq(account.email, email.toLowerCase())));
    // An unknown address costs the same time as a wrong password.
    this.#decoy ??= hash(this.#context.randomBytes(16));
    const right = await verify(row?.passwordHash ?? (await this.#decoy), password);
    if (row === undefined) throw wrongPassword();
    if (row.lockedUntil !== null && clock.now() < row.lockedUntil.getTime()) {
      throw new CloudError('rate_limited', 'Too many wrong passwords; the account is locked for a while.');
    }
    return asSystem(db, async (tx) => {
      if (!right) return noteFailure(tx, row, clock.now());
      await tx.update(account).set({ failedLogIns: 0, lockedUntil: null }).where(eq(account.id, row.id));
      const { token, familyId } = await this.#refreshTokens.begin(tx, row.id);
      return this.#session(tx, { accountId: row.id, familyId, refreshToken: token });
    }).then((session) => {
      if (session === undefined) throw wrongPassword();
      return session;
    });
  }

  /** Trades a refresh token for its successor. @throws CloudError `authentication_failed` */
  async refresh(token: string): Promise<Session> {
    const { db, log } = this.#context;
    const session = await asSystem(db, async (tx) => {
      const rotation = await this.#refreshTokens.rotate(tx, token);
      if (rotation.ok) return this.#session(tx, { ...rotation, refreshToken: rotation.token });
      if (rotation.reason === 'reused') log.warn('a refresh token was used twice; its log-in was ended');
      return undefined;
    });
    if (session === undefined) throw new CloudError('authentication_failed', 'The credential is missing or not valid.');
    return session;
  }

  async logOut(token: string): Promise<void> {
    await asSystem(this.#context.db, (tx) => this.#refreshTokens.end(tx, token));
  }

  async #session(
    tx: Tx,
    { accountId, familyId, refreshToken }: { accountId: string; familyId: string; refreshToken: string },
  ): Promise<Session> {
    const [row] = await tx
      .select({ email: account.email, role: membership.role, id: household.id, name: household.name })
      .from(membership)
      .innerJoin(household, eq(household.id, membership.householdId))
      .innerJoin(account, eq(account.id, membership.accountId))
      .where(eq(membership.accountId, accountId))
      .orderBy(membership.createdAt)
      .limit(1);
    if (row === undefined) throw new CloudError('access_denied', 'The account belongs to no household.');
    const role: Role = row.role;
    const person = { accountId, householdId: row.id, role, sessionId: familyId };
    return {
      accessToken: await signAccessToken(this.#context, person),
      expiresInS: ACCESS_TOKEN_LIFE_S,
      refreshToken,
      account: { id: accountId, email: row.email },
      household: { id: row.id, name: row.name },
    };
  }
}

/** Counts a wrong password; each one past the free tries doubles the lock. Returns nothing, so that it commits. */
async function noteFailure(tx: Tx, row: typeof account.$inferSelect, nowMs: number): Promise<undefined> {
  const failedLogIns = row.failedLogIns + 1;
  const over = failedLogIns - FREE_TRIES;
  const lockMs = Math.min(FIRST_LOCK_MS * 2 ** over, LONGEST_LOCK_MS);
  const lockedUntil = over < 0 ? null : new Date(nowMs + lockMs);
  await tx.update(account).set({ failedLogIns, lockedUntil }).where(eq(account.id, row.id));
}

function wrongPassword(): CloudError {
  return new CloudError('authentication_failed', 'The e-mail address or the password is wrong.');
}
