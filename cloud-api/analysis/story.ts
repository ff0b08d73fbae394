import { eq, sql } from 'drizzle-orm';
import type { AnalysisEvent } from '../../contract/index.js';
import type { Tx } from '../database/database.js';
import { analysis, analysisEvent } from './tables.js';

/** One step of an analysis, before it has its number and its time. */
export type Step = Pick<AnalysisEvent, 'type' | 'summary' | 'data'> & { level?: AnalysisEvent['level'] };

/** Nothing that runs by rule is ever tried a second time. */
const FIRST_ATTEMPT = 1;

/** Adds steps to the story of an analysis; they are numbered in the order in which their transactions commit. */
export async function tell(
  tx: Tx,
  { householdId, analysisId }: { householdId: string; analysisId: string },
  at: Date,
  steps: readonly Step[],
): Promise<void> {
  if (steps.length === 0) return;
  const [numbered] = await tx
    .update(analysis)
    .set({ nextSeq: sql`${analysis.nextSeq} + ${steps.length}` })
    .where(sql`${eq(analysis.householdId, householdId)} and ${eq(analysis.id, analysisId)}`)
    .returning({ nextSeq: analysis.nextSeq });
  if (numbered === undefined) return;
  const first = numbered.nextSeq - steps.length;
  await tx.insert(analysisEvent).values(
    steps.map(({ type, summary, data, level = 'info' }, index) => ({
      householdId,
      analysisId,
      seq: first + index,
      at,
      attempt: FIRST_ATTEMPT,
      source: 'backend' as const,
      type,
      level,
      summary,
      data,
    })),
  );
}
