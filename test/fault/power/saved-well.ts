import type { CorruptedReport } from './corrupted-round.js';

/** Of all events that were in the files, this part at least comes over. */
export const LEAST_KEPT = 0.95;

export const NOTHING_WRONG = {
  ...{ failed: [], lost: 0, altered: 0, doubled: 0 },
  ...{ takenAlong: 0, lostElsewhere: 0, badCoverage: 0 },
} as const satisfies Partial<CorruptedReport>;
