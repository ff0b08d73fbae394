import { eq, sql } from 'drizzle-orm';
import type { AnalysisEvent } from '../../contract/index.js';
import type { Tx } from '../database/database.js';
import { analysis, analysisEvent } from './tables.js';

/** One step of an analysis, before it has its number and its time. */
export type Step = Pick<AnalysisEvent, 'type' | 'summary' | 'data'> & { level?: AnalysisEvent['level'] };

/** The analysis whose story it is. */
export type Whose = { householdId: string; analysisId: string };

const FIRST_SEQ = 1;
/** Nothing that runs by rule is ever tried a second time. */
const FIRST_ATTEMPT = 1;

/** Adds steps to the story of an analysis; they are numbered in the order in which their transactions commit. */
export async function tell(
  tx: Tx,
  { householdId, analysisId }: Whose,
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
  await insertSteps(tx, { householdId, analysisId }, at, numbered.nextSeq - steps.length, steps);
}

/** Begins the story of an analysis that is made in this transaction. */
export async function begin(tx: Tx, whose: Whose, at: Date, steps: readonly Step[]): Promise<void> {
  await insertSteps(tx, whose, at, FIRST_SEQ, steps);
}

/** The number of the step that follows a beginning of so many. */
export function seqAfter(steps: readonly Step[]): number {
  return FIRST_SEQ + steps.length;
}

async function insertSteps(
  tx: Tx,
  { householdId, analysisId }: Whose,
  at: Date,
  first: number,
  steps: readonly Step[],
): Promise<void> {
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
