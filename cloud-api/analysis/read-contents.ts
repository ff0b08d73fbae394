import { asc, inArray } from 'drizzle-orm';
import { MAX_PAGE_TEXT_CHARACTERS } from '../../contract/index.js';
import type { AssetStore } from '../content/asset-store.js';
import { stateOf } from '../content/content-view.js';
import { textOf } from '../content/real-type.js';
import { asset, content } from '../content/tables.js';
import type { Tx } from '../database/database.js';
import { CloudError } from '../errors.js';
import type { ReadAsset, ReadContent } from './lay-out.js';

/**
 * The contents of an analysis in the order of their ids, whole and ready to be laid out.
 * @throws CloudError `content_not_found`, `asset_not_uploaded`
 */
export async function readContents(
  tx: Tx,
  store: Pick<AssetStore, 'read'>,
  ids: readonly string[],
  now: Date,
): Promise<ReadContent[]> {
  const rows = await tx
    .select()
    .from(content)
    .where(inArray(content.id, [...ids]));
  const missing = ids.filter((id) => !rows.some((row) => row.id === id));
  if (missing.length > 0) {
    throw new CloudError('content_not_found', 'No content has this id.', { contentIds: missing });
  }
  const assets = await tx
    .select()
    .from(asset)
    .where(inArray(asset.contentId, [...ids]))
    .orderBy(asc(asset.assetIndex));
  const waiting = assets.filter(({ uploadState }) => uploadState !== 'uploaded');
  if (waiting.length > 0 || rows.some((row) => stateOf(row, now).state !== 'ready')) {
    const failedAssets = waiting.map(({ contentId, assetIndex }) => ({ contentId, assetIndex }));
    throw new CloudError('asset_not_uploaded', 'An upload is missing.', { failedAssets });
  }
  const reader = new AssetReader(store);
  const contents: ReadContent[] = [];
  for (const id of ids) {
    const read: ReadAsset[] = [];
    for (const row of assets) if (row.contentId === id) read.push(await reader.read(row));
    contents.push({ title: rows.find((row) => row.id === id)?.title ?? null, assets: read });
  }
  return contents;
}

const TEXT_FILES = ['text/plain', 'text/markdown', 'application/json'];

/** Reads text files one after another, and only as many as can matter: a page takes so many characters. */
export class AssetReader {
  readonly #store: Pick<AssetStore, 'read'>;
  #left = MAX_PAGE_TEXT_CHARACTERS + 1; // one more than a page takes, so that the rules see that there was more

  constructor(store: Pick<AssetStore, 'read'>) {
    this.#store = store;
  }

  async read(row: typeof asset.$inferSelect): Promise<ReadAsset> {
    if (row.type !== 'file' || row.sha256 === null || !TEXT_FILES.includes(row.contentType ?? '')) return row;
    if (this.#left === 0) return { ...row, text: null };
    const bytes = await this.#store.read(row.sha256);
    if (bytes === undefined) return { ...row, problem: 'its bytes are lost' };
    const text = textOf(bytes);
    if (text === undefined) return { ...row, problem: 'it is not text in UTF-8' };
    const read = text.slice(0, this.#left);
    this.#left -= read.length;
    return { ...row, text: read };
  }
}
