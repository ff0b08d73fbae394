import type { HubCheck } from './check-hub.js';
import type { Disturbance } from './disturbance.js';
import type { HubOnTrial } from './hub-on-trial.js';
import type { Striker } from './striker.js';

/** What became of one round. */
export type RoundResult = {
  readonly number: number;
  readonly disturbance: string;
  /** What is not as it must be, in words. */
  readonly problems: readonly string[];
  readonly orphans: number;
  readonly keysLeaked: number;
  readonly tookMs: number;
  /** With history, logs and files; there only if something is not as it must be. */
  readonly folder: string | undefined;
};

/** For what the hub tidies up behind itself, and for a link that is mended. */
const SETTLE_LIMIT_MS = 20_000;
/** For what the cloud has to tidy up behind a hub that is online: it tries again after a minute. */
const TIDY_LIMIT_MS = 90_000;

/** Looks at the world, gives hub and cloud their time to tidy up, and searches what was written. */
export async function judge(
  trial: HubOnTrial,
  striker: Striker,
  disturbance: Disturbance,
  look: () => Promise<HubCheck>,
): Promise<Pick<RoundResult, 'problems' | 'orphans' | 'keysLeaked'> & { isGood: boolean }> {
  const isClean = ({ problems, orphans }: HubCheck) => problems.length === 0 && orphans === 0;
  const first = await trial.lookUntil(look, isClean, SETTLE_LIMIT_MS);
  const check = first.orphans === 0 ? first : await trial.lookUntil(look, isClean, TIDY_LIMIT_MS);
  await trial.stop();
  const vain = disturbance.kind !== 'none' && !striker.hasStruck ? ['what was to go wrong did not'] : [];
  const problems = [...new Set([...trial.problems, ...check.problems, ...vain])];
  const leaks = await trial.leaks();
  for (const what of [...problems, ...leaks]) trial.history.note(`NOT AS IT MUST BE: ${what}`);
  if (check.orphans > 0) trial.history.note(`NOT AS IT MUST BE: ${check.orphans} orphans`);
  const isGood = problems.length === 0 && check.orphans === 0 && leaks.length === 0;
  return { problems, orphans: check.orphans, keysLeaked: leaks.length, isGood };
}
