import { createHash, createHmac } from 'node:crypto';
import { and, eq, inArray, isNull, lt } from 'drizzle-orm';
import type { CloudContext } from '../context.js';
import type { Tx } from '../database/database.js';
import { refreshToken } from './tables.js';

const DAY_MS = 24 * 60 * 60 * 1000;
const LIFE_MS = 30 * DAY_MS;
const ABSOLUTE_LIFE_MS = 90 * DAY_MS;
/** So long a used token still gets its successor again, for a client whose answer was lost. */
const GRACE_MS = 10_000;
const TOKEN_BYTES = 32;
const PREFIX = 'il_ref_';

type RefreshRow = typeof refreshToken.$inferSelect;

/** What a rotation came to; `reused` means that the whole family is revoked now. */
export type Rotation =
  | { ok: true; token: string; accountId: string; familyId: string }
  | { ok: false; reason: 'invalid' | 'reused' };

/** Chains of refresh tokens: each is used once, and one used twice ends its chain. */
export class RefreshTokens {
  readonly #context: Pick<CloudContext, 'clock' | 'newId' | 'randomBytes' | 'keys'>;

  constructor(context: Pick<CloudContext, 'clock' | 'newId' | 'randomBytes' | 'keys'>) {
    this.#context = context;
  }

  /** Begins a chain. */
  async begin(tx: Tx, accountId: string): Promise<{ token: string; familyId: string }> {
    const now = this.#context.clock.now();
    const token = `${PREFIX}${this.#context.randomBytes(TOKEN_BYTES).toString('base64url')}`;
    const familyId = this.#context.newId();
    await this.#insert(tx, token, {
      familyId,
      accountId,
      parentId: null,
      absoluteExpiresAt: new Date(now + ABSOLUTE_LIFE_MS),
    });
    return { token, familyId };
  }

  async rotate(tx: Tx, token: string): Promise<Rotation> {
    const now = this.#context.clock.now();
    const [row] = await tx
      .select()
      .from(refreshToken)
      .where(eq(refreshToken.tokenSha256, sha256(token)))
      .for('update');
    if (row === undefined || row.revokedAt !== null) return { ok: false, reason: 'invalid' };
    if (now >= row.expiresAt.getTime() || now >= row.absoluteExpiresAt.getTime())
      return { ok: false, reason: 'invalid' };
    const successor = this.#successorOf(token);
    const { accountId, familyId } = row;
    if (row.usedAt === null) {
      await tx
        .update(refreshToken)
        .set({ usedAt: new Date(now) })
        .where(eq(refreshToken.id, row.id));
      await this.#insert(tx, successor, { ...row, parentId: row.id });
      return { ok: true, token: successor, accountId, familyId };
    }
    if (now - row.usedAt.getTime() < GRACE_MS && (await isUnused(tx, successor))) {
      return { ok: true, token: successor, accountId, familyId };
    }
    await this.revokeFamily(tx, familyId);
    return { ok: false, reason: 'reused' };
  }

  /** Ends the chain that a token belongs to; an unknown token changes nothing. */
  async end(tx: Tx, token: string): Promise<void> {
    const [row] = await tx
      .select()
      .from(refreshToken)
      .where(eq(refreshToken.tokenSha256, sha256(token)));
    if (row !== undefined) await this.revokeFamily(tx, row.familyId);
  }

  async revokeFamily(tx: Tx, familyId: string): Promise<void> {
    await tx
      .update(refreshToken)
      .set({ revokedAt: new Date(this.#context.clock.now()) })
      .where(and(eq(refreshToken.familyId, familyId), isNull(refreshToken.revokedAt)));
  }

  // Derived, so that the same successor can be given twice although only hashes are stored.
  #successorOf(token: string): string {
    const key = this.#context.keys.derive('refresh-token');
    return `${PREFIX}${createHmac('sha256', key).update(token).digest('base64url')}`;
  }

  async #insert(
    tx: Tx,
    token: string,
    row: Pick<RefreshRow, 'familyId' | 'accountId' | 'parentId' | 'absoluteExpiresAt'>,
  ): Promise<void> {
    const now = this.#context.clock.now();
    await tx.insert(refreshToken).values({
      id: this.#context.newId(),
      familyId: row.familyId,
      accountId: row.accountId,
      parentId: row.parentId,
      absoluteExpiresAt: row.absoluteExpiresAt,
      tokenSha256: sha256(token),
      createdAt: new Date(now),
      expiresAt: new Date(Math.min(now + LIFE_MS, row.absoluteExpiresAt.getTime())),
    });
  }
}

/** Forgets up to `limit` tokens that have expired, and gives how many. Runs as the system. */
export async function forgetRefreshTokens(tx: Tx, now: Date, limit: number): Promise<number> {
  const expired = tx
    .select({ id: refreshToken.id })
    .from(refreshToken)
    .where(lt(refreshToken.expiresAt, now))
    .limit(limit);
  const gone = await tx
    .delete(refreshToken)
    .where(inArray(refreshToken.id, expired))
    .returning({ id: refreshToken.id });
  return gone.length;
}

async function isUnused(tx: Tx, token: string): Promise<boolean> {
  const [row] = await tx
    .select()
    .from(refreshToken)
    .where(eq(refreshToken.tokenSha256, sha256(token)));
  return row !== undefined && row.usedAt === null;
}

function sha256(token: string): string {
  return createHash('sha256').update(token).digest('hex');
}
