import { and, asc, desc, eq, inArray } from 'drizzle-orm';
import { FailureSchema, type PublicAsset, type PublicContent } from '../../contract/index.js';
import { analysis, analysisContent } from '../analysis/tables.js';
import type { Tx } from '../database/database.js';
import { presentation } from '../presentation/tables.js';
import { asset, type content } from './tables.js';

type ContentRow = typeof content.$inferSelect;
export type AssetRow = typeof asset.$inferSelect;

/** The content's state now: one whose uploads did not come in time has failed, without anybody writing it down. */
export function stateOf({ state, uploadsUntil }: Pick<ContentRow, 'state' | 'uploadsUntil'>, now: Date) {
  const expired = state === 'pending' && uploadsUntil !== null && uploadsUntil <= now;
  return { state: expired ? ('failed' as const) : state, expired };
}

/** Contents as the public API shows them, in the order of the rows. */
export async function viewContents(tx: Tx, rows: readonly ContentRow[], now: Date): Promise<PublicContent[]> {
  if (rows.length === 0) return [];
  const ids = rows.map(({ id }) => id);
  const assets = await tx.select().from(asset).where(inArray(asset.contentId, ids)).orderBy(asc(asset.assetIndex));
  const analyses = await tx
    .select({ contentId: analysisContent.contentId, id: analysis.id })
    .from(analysisContent)
    .innerJoin(analysis, eq(analysis.id, analysisContent.analysisId))
    .where(inArray(analysisContent.contentId, ids))
    .orderBy(desc(analysis.createdAt), desc(analysis.id));
  const presentations = await tx
    .select({ contentId: analysisContent.contentId, id: presentation.id })
    .from(analysisContent)
    .innerJoin(
      presentation,
      and(
        eq(presentation.householdId, analysisContent.householdId),
        eq(presentation.analysisId, analysisContent.analysisId),
      ),
    )
    .where(inArray(analysisContent.contentId, ids))
    .orderBy(desc(presentation.createdAt), desc(presentation.id));
  const idsOf = (found: readonly { contentId: string; id: string }[], contentId: string) =>
    found.filter((row) => row.contentId === contentId).map(({ id }) => id);
  return rows.map((row) => ({
    ...viewContent(
      row,
      assets.filter(({ contentId }) => contentId === row.id),
      now,
    ),
    analysisIds: idsOf(analyses, row.id),
    presentationIds: idsOf(presentations, row.id),
  }));
}

/** A content of which no analysis was made, without looking at more than its rows. */
export function viewFreshContent(row: ContentRow, assets: readonly AssetRow[], now: Date): PublicContent {
  return { ...viewContent(row, assets, now), analysisIds: [], presentationIds: [] };
}

function viewContent(
  row: ContentRow,
  rows: readonly AssetRow[],
  now: Date,
): Omit<PublicContent, 'analysisIds' | 'presentationIds'> {
  const { state, expired } = stateOf(row, now);
  const assets = rows.map((each) => viewAsset(each, expired));
  return {
    id: row.id,
    title: row.title,
    state,
    assets,
    failedAssetIndexes: assets.filter(({ uploadState }) => uploadState === 'failed').map((each) => each.assetIndex),
    failure: expired ? uploadExpired(assets) : FailureSchema.nullable().parse(row.failure),
    createdAt: row.createdAt.toISOString(),
    updatedAt: row.updatedAt.toISOString(),
  };
}

function viewAsset(row: AssetRow, expired: boolean): PublicAsset {
  return {
    assetIndex: row.assetIndex,
    type: row.type,
    text: row.text,
    url: row.url,
    filename: row.filename,
    contentType: row.contentType,
    sizeBytes: row.sizeBytes,
    uploadState: expired && row.uploadState === 'pending' ? 'failed' : row.uploadState,
  };
}

function uploadExpired(assets: readonly PublicAsset[]): PublicContent['failure'] {
  return {
    code: 'upload_expired',
    message: 'Not every asset was uploaded in time; new upload tickets open the content again.',
    retryable: true,
    stage: 'upload',
    assetIndex: assets.find(({ uploadState }) => uploadState === 'failed')?.assetIndex ?? null,
  };
}
