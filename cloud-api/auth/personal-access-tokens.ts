import { createHash } from 'node:crypto';
import { and, desc, eq, isNull } from 'drizzle-orm';
import type { CloudContext } from '../context.js';
import { asSystem, withHousehold } from '../database/database.js';
import { CloudError } from '../errors.js';
import { membership } from '../household/tables.js';
import type { Person, TokenHolder } from './principal.js';
import { personalAccessToken } from './tables.js';

/** A token as it is listed: never the token itself, which is shown once. */
export type ListedToken = { id: string; name: string; lastFour: string; createdAt: Date; lastUsedAt: Date | null };

const PREFIX = 'il_pat_';
const TOKEN_BYTES = 32;
const TOKEN = /^il_pat_[A-Za-z0-9_-]{43}$/;
/** Writing down each use would make every read of the public API a write. */
const LAST_USED_STEP_MS = 60_000;

const LISTED = {
  id: personalAccessToken.id,
  name: personalAccessToken.name,
  lastFour: personalAccessToken.lastFour,
  createdAt: personalAccessToken.createdAt,
  lastUsedAt: personalAccessToken.lastUsedAt,
};

export class PersonalAccessTokens {
  readonly #context: Pick<CloudContext, 'db' | 'clock' | 'newId' | 'randomBytes'>;

  constructor(context: Pick<CloudContext, 'db' | 'clock' | 'newId' | 'randomBytes'>) {
    this.#context = context;
  }

  async create(person: Person, name: string): Promise<ListedToken & { token: string }> {
    const { db, clock, newId, randomBytes } = this.#context;
    const token = `${PREFIX}${randomBytes(TOKEN_BYTES).toString('base64url')}`;
    const listed = { id: newId(), name, lastFour: token.slice(-4), createdAt: new Date(clock.now()), lastUsedAt: null };
    const { householdId, accountId } = person;
    await withHousehold(db, householdId, (tx) =>
      tx.insert(personalAccessToken).values({ ...listed, householdId, accountId, tokenSha256: sha256(token) }),
    );
    return { ...listed, token };
  }

  list(householdId: string): Promise<ListedToken[]> {
    return withHousehold(this.#context.db, householdId, (tx) =>
      tx
        .select(LISTED)
        .from(personalAccessToken)
        .where(isNull(personalAccessToken.revokedAt))
        .orderBy(desc(personalAccessToken.createdAt), desc(personalAccessToken.id)),
    );
  }

  /** @throws CloudError `token_not_found` */
  async revoke(householdId: string, id: string): Promise<void> {
    const { db, clock } = this.#context;
    const revoked = await withHousehold(db, householdId, (tx) =>
      tx
        .update(personalAccessToken)
        .set({ revokedAt: new Date(clock.now()) })
        .where(and(eq(personalAccessToken.id, id), isNull(personalAccessToken.revokedAt)))
        .returning({ id: personalAccessToken.id }),
    );
    if (revoked.length === 0) throw new CloudError('token_not_found', 'No live token has this id.');
  }

  /** Who holds this token; undefined for whatever is wrong with it. */
  async verify(token: string): Promise<TokenHolder | undefined> {
    if (!TOKEN.test(token)) return undefined;
    return asSystem(this.#context.db, async (tx) => {
      const [row] = await tx
        .select({
          tokenId: personalAccessToken.id,
          accountId: personalAccessToken.accountId,
          householdId: personalAccessToken.householdId,
          role: membership.role,
          lastUsedAt: personalAccessToken.lastUsedAt,
        })
        .from(personalAccessToken)
        .innerJoin(
          membership,
          and(
            eq(membership.accountId, personalAccessToken.accountId),
            eq(membership.householdId, personalAccessToken.householdId),
          ),
        )
        .where(and(eq(personalAccessToken.tokenSha256, sha256(token)), isNull(personalAccessToken.revokedAt)));
      if (row === undefined) return undefined;
      const { lastUsedAt, ...holder } = row;
      const nowMs = this.#context.clock.now();
      if (lastUsedAt === null || nowMs - lastUsedAt.getTime() > LAST_USED_STEP_MS) {
        await tx
          .update(personalAccessToken)
          .set({ lastUsedAt: new Date(nowMs) })
          .where(eq(personalAccessToken.id, holder.tokenId));
      }
      return { kind: 'token', ...holder };
    });
  }
}

// 256 random bits need no slow hash: nobody can guess them.
function sha256(token: string): string {
  return createHash('sha256').update(token).digest('hex');
}
