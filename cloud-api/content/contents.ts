import { and, desc, eq, gt, inArray, lte, or, type SQL, sql } from 'drizzle-orm';
import type { z } from 'zod';
import {
  type ContentsQuerySchema,
  MAX_ASSET_BYTES,
  type NewAsset,
  type NewContent,
  type PublicContent,
  type TicketedContent,
} from '../../contract/index.js';
import type { TokenHolder } from '../auth/principal.js';
import type { CloudContext } from '../context.js';
import { type Tx, withHousehold } from '../database/database.js';
import { CloudError } from '../errors.js';
import { viewContents, viewFreshContent } from './content-view.js';
import { claimKey } from './idempotency.js';
import { beyond, DEFAULT_PAGE_LIMIT, toPage } from './page.js';
import { asset, content } from './tables.js';
import { TICKET_LIFE_MS, writeTicket } from './tickets.js';

type ContentsQuery = z.output<typeof ContentsQuerySchema>;

/** The household's contents, and the leave to upload what they are made of. */
export class Contents {
  readonly #context: CloudContext;

  constructor(context: CloudContext) {
    this.#context = context;
  }

  /**
   * Keeps a submission, with one upload ticket for every picture and file; a replay finds the first one again.
   * @throws CloudError `asset_too_large`, `idempotency_conflict`
   */
  async create(caller: TokenHolder, key: string, body: NewContent): Promise<TicketedContent> {
    refuseLarge(body.assets);
    const now = new Date(this.#context.clock.now());
    return withHousehold(this.#context.db, caller.householdId, async (tx) => {
      const call = { caller, route: 'POST /contents', key, body };
      const { id, replayed } = await claimKey(tx, call, this.#context.newId(), now);
      if (replayed) {
        await reopen(tx, id, undefined, now);
        const view = await this.#view(tx, id, now);
        return this.#withTickets(caller.householdId, view, binaryIndexes(view), now);
      }
      const view = await insertContent(tx, { householdId: caller.householdId, id }, body, now);
      return this.#withTickets(caller.householdId, view, binaryIndexes(view), now);
    });
  }

  /**
   * Writes new tickets for some assets; a content that failed for want of them is pending again.
   * @throws CloudError `content_not_found`, `invalid_request`
   */
  async refreshTickets(householdId: string, id: string, assetIndexes: readonly number[]): Promise<TicketedContent> {
    const now = new Date(this.#context.clock.now());
    return withHousehold(this.#context.db, householdId, async (tx) => {
      await lockContent(tx, id);
      const binary = binaryIndexes(await this.#view(tx, id, now));
      const wrong = assetIndexes.find((index) => !binary.includes(index));
      if (wrong !== undefined) throw new CloudError('invalid_request', `assetIndexes: ${wrong} is no picture or file`);
      await reopen(tx, id, assetIndexes, now);
      return this.#withTickets(householdId, await this.#view(tx, id, now), [...new Set(assetIndexes)], now);
    });
  }

  /** @throws CloudError `content_not_found` */
  get(householdId: string, id: string): Promise<PublicContent> {
    return withHousehold(this.#context.db, householdId, (tx) =>
      this.#view(tx, id, new Date(this.#context.clock.now())),
    );
  }

  /** @throws CloudError `invalid_request` for a cursor that is not ours */
  async list(householdId: string, { state, q, cursor, limit = DEFAULT_PAGE_LIMIT }: ContentsQuery) {
    const now = new Date(this.#context.clock.now());
    const position = beyond(cursor, 'newest-first', content);
    return withHousehold(this.#context.db, householdId, async (tx) => {
      const rows = await tx
        .select()
        .from(content)
        .where(and(inState(state, now), ...termsOf(q), position))
        .orderBy(desc(content.createdAt), desc(content.id))
        .limit(limit + 1);
      const page = toPage(rows, limit);
      return { ...page, items: await viewContents(tx, page.rows, now) };
    });
  }

  #withTickets(householdId: string, view: PublicContent, indexes: readonly number[], now: Date): TicketedContent {
    const expiresMs = now.getTime() + TICKET_LIFE_MS;
    return {
      content: view,
      uploadTickets: indexes.map((assetIndex) =>
        writeTicket(this.#context, { householdId, contentId: view.id, assetIndex, expiresMs }),
      ),
    };
  }

  async #view(tx: Tx, id: string, now: Date): Promise<PublicContent> {
    const rows = await tx.select().from(content).where(eq(content.id, id));
    const [view] = await viewContents(tx, rows, now);
    if (view === undefined) throw new CloudError('content_not_found', 'No content has this id.');
    return view;
  }
}

/** Holds the content's row until the transaction ends, so that uploads side by side see each other. */
export async function lockContent(tx: Tx, id: string): Promise<void> {
  const rows = await tx.select({ id: content.id }).from(content).where(eq(content.id, id)).for('update');
  if (rows.length === 0) throw new CloudError('content_not_found', 'No content has this id.');
}

function refuseLarge(assets: readonly NewAsset[]): void {
  assets.forEach((each, assetIndex) => {
    if ('sizeBytes' in each && each.sizeBytes > MAX_ASSET_BYTES) {
      const message = `The asset ${assetIndex} has ${each.sizeBytes} bytes, over the limit of ${MAX_ASSET_BYTES}.`;
      throw new CloudError('asset_too_large', message, { assetIndex, limitBytes: MAX_ASSET_BYTES });
    }
  });
}

async function insertContent(
  tx: Tx,
  { householdId, id }: { householdId: string; id: string },
  { title, assets }: NewContent,
  now: Date,
): Promise<PublicContent> {
  const pending = assets.some((each) => 'sizeBytes' in each);
  const row = {
    householdId,
    id,
    title: title === '' ? null : title,
    state: pending ? ('pending' as const) : ('ready' as const),
    uploadsUntil: pending ? new Date(now.getTime() + TICKET_LIFE_MS) : null,
    failure: null,
    search: searchable([title, ...assets.map(wordsOf)]),
    createdAt: now,
    updatedAt: now,
  };
  const rows = assets.map((each, assetIndex) => ({
    ...NO_FIELDS,
    ...{ householdId, contentId: id, assetIndex },
    ...each,
    uploadState: 'sizeBytes' in each ? ('pending' as const) : ('uploaded' as const),
  }));
  await tx.insert(content).values(row);
  await tx.insert(asset).values(rows);
  return viewFreshContent(row, rows, now);
}

const NO_FIELDS = {
  text: null,
  url: null,
  filename: null,
  contentType: null,
  sizeBytes: null,
  sha256: null,
  problem: null,
};

function wordsOf(each: NewAsset): string {
  if (each.type === 'text') return each.text;
  return each.type === 'link' ? each.url : each.filename;
}

function searchable(words: readonly (string | null)[]): string {
  return words.map((each) => (each ?? '').normalize('NFC').toLowerCase()).join('\n');
}

/** Gives assets that have not arrived another chance; what has arrived stays. */
async function reopen(tx: Tx, id: string, only: readonly number[] | undefined, now: Date): Promise<void> {
  await lockContent(tx, id);
  const chosen = only === undefined ? undefined : inArray(asset.assetIndex, [...only]);
  await tx
    .update(asset)
    .set({ uploadState: 'pending' })
    .where(and(eq(asset.contentId, id), eq(asset.uploadState, 'failed'), chosen));
  await settleContent(tx, id, now);
}

/** Makes the content's state follow from its assets; the caller holds its row. */
export async function settleContent(tx: Tx, id: string, now: Date): Promise<void> {
  const states = await tx.selectDistinct({ state: asset.uploadState }).from(asset).where(eq(asset.contentId, id));
  const has = (state: string) => states.some((each) => each.state === state);
  if (has('failed')) return;
  const pending = has('pending');
  await tx
    .update(content)
    .set({
      state: pending ? 'pending' : 'ready',
      uploadsUntil: pending ? new Date(now.getTime() + TICKET_LIFE_MS) : null,
      failure: null,
      updatedAt: now,
    })
    .where(and(eq(content.id, id), pending ? undefined : sql`${content.state} <> 'ready'`));
}

function binaryIndexes({ assets }: PublicContent): number[] {
  return assets.filter(({ type }) => type === 'image' || type === 'file').map(({ assetIndex }) => assetIndex);
}

function inState(state: ContentsQuery['state'], now: Date): SQL | undefined {
  if (state === undefined) return undefined;
  if (state === 'pending') return and(eq(content.state, state), gt(content.uploadsUntil, now));
  if (state === 'ready') return eq(content.state, state);
  return or(eq(content.state, state), and(eq(content.state, 'pending'), lte(content.uploadsUntil, now)));
}

function termsOf(q: string | undefined): SQL[] {
  const terms = (q ?? '')
    .normalize('NFC')
    .toLowerCase()
    .split(/\s+/u)
    .filter((term) => term !== '');
  return terms.map((term) => sql`strpos(${content.search}, ${term}) > 0`);
}
