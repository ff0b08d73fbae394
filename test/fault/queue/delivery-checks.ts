import { fatesOf } from './fates.js';
import { gapsHaveReasons } from './gap-checks.js';
import type { History, Range } from './history.js';
import { firstTwice } from './ranges.js';
import { stepsOf, survivingCommits } from './steps.js';
import type { Context, Finding } from './verdict.js';

/** I1 */
export function nothingIsLost(history: History, context: Context): Finding[] {
  const { cloud } = context;
  if (cloud === undefined) return [];
  const lost = fatesOf(history, cloud).flatMap(({ accepted, fate }) => {
    if (fate !== 'lost' && fate !== 'named twice') return [];
    const { epoch, lane, seq } = accepted;
    return [{ what: `${fate}: ${accepted.hash}, accepted as ${lane}/${seq} of ${epoch}`, evidence: [accepted] }];
  });
  return [...lost, ...gapsHaveReasons(history, context)];
}

/** I2 */
export function nothingIsInvented(history: History, { cloud }: Context): Finding[] {
  if (cloud === undefined) return [];
  const called = new Set(stepsOf(history, 'enq.call').map(({ hub, hash }) => `${hub} ${hash}`));
  return [...cloud.events, ...cloud.dead].flatMap(({ hub, epoch, lane, seq, hash }) => {
    if (hash === undefined || called.has(`${hub} ${hash}`)) return [];
    return [{ what: `${lane}/${seq} of ${epoch} holds ${hash}, which ${hub} never enqueued`, evidence: [] }];
  });
}

/** I3 */
export function everythingIsOnce(history: History, { cloud }: Context): Finding[] {
  const findings: Finding[] = [];
  for (const [stream, commits] of survivingCommits(history)) {
    const ranges = commits.flatMap(({ seqs, dead }): Range[] => [...seqs, ...dead]);
    const seq = firstTwice(ranges);
    if (seq === undefined) continue;
    const evidence = commits.filter(({ seqs, dead }) =>
      [...seqs, ...dead].some(([from, to]) => from <= seq && seq <= to),
    );
    findings.push({ what: `${seq} of ${stream} was committed twice`, evidence });
  }
  const seen = new Set<string>();
  for (const { hub, epoch, lane, seq, hash } of [...(cloud?.events ?? []), ...(cloud?.dead ?? [])]) {
    if (hash === undefined) continue;
    const name = `${hub} ${hash}`;
    if (seen.has(name))
      findings.push({ what: `${hash} is in the cloud twice, once as ${lane}/${seq} of ${epoch}`, evidence: [] });
    seen.add(name);
  }
  return findings;
}
