import { asc, inArray } from 'drizzle-orm';
import {
  type AnalysisEvent,
  AnalysisEventSchema,
  AnalysisTargetSchema,
  FailureSchema,
  type PublicAnalysis,
} from '../../contract/index.js';
import type { Tx } from '../database/database.js';
import { presentation } from '../presentation/tables.js';
import { type analysis, analysisContent, type analysisEvent } from './tables.js';

/** Analyses as the public API shows them, in the order of the rows. */
export async function viewAnalyses(tx: Tx, rows: readonly (typeof analysis.$inferSelect)[]): Promise<PublicAnalysis[]> {
  if (rows.length === 0) return [];
  const ids = rows.map(({ id }) => id);
  const contents = await tx
    .select()
    .from(analysisContent)
    .where(inArray(analysisContent.analysisId, ids))
    .orderBy(asc(analysisContent.place));
  const presentations = await tx
    .select({ id: presentation.id, analysisId: presentation.analysisId })
    .from(presentation)
    .where(inArray(presentation.analysisId, ids))
    .orderBy(asc(presentation.createdAt), asc(presentation.id));
  return rows.map((row) =>
    viewAnalysis(row, {
      contentIds: contents.filter(({ analysisId }) => analysisId === row.id).map(({ contentId }) => contentId),
      presentationIds: presentations.filter(({ analysisId }) => analysisId === row.id).map(({ id }) => id),
    }),
  );
}

/** One analysis with the ids of what it was given and of what it made. */
export function viewAnalysis(
  row: typeof analysis.$inferSelect,
  { contentIds, presentationIds }: Pick<PublicAnalysis, 'contentIds' | 'presentationIds'>,
): PublicAnalysis {
  return {
    id: row.id,
    mode: row.mode,
    trigger: 'api',
    state: row.state,
    outcome: row.outcome,
    noChangeReason: null,
    contentIds,
    context: 'submitted',
    scope: null,
    intent: row.intent,
    title: row.title,
    target: AnalysisTargetSchema.nullable().parse(row.target),
    presentationIds,
    failure: FailureSchema.nullable().parse(row.failure),
    createdAt: row.createdAt.toISOString(),
    updatedAt: row.updatedAt.toISOString(),
  };
}

const DataSchema = AnalysisEventSchema.shape.data;

/** One step of its story. */
export function viewEvent(row: typeof analysisEvent.$inferSelect): AnalysisEvent {
  const { seq, at, attempt, source, type, level, summary, data } = row;
  return { seq, at: at.toISOString(), attempt, source, type, level, summary, data: DataSchema.parse(data) };
}
