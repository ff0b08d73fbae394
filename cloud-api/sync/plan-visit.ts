import type { Gap, GapReason, Lane, SyncEvent } from '../../contract/index.js';
import { isAnother, placeKey, type WasRange } from './held-events.js';
import { judgeEvent } from './judge-event.js';
import { isFork, planLane } from './lane-plan.js';
import { leftOfGap } from './moved-gap.js';
import { differsBelow, gapAt } from './overlap.js';
import type { SyncInput } from './sync-input.js';
import { closedMark, LANES, type LaneWork, type Mark, streamKey, type Verdict, type Visit } from './visit.js';

const UNTOUCHED: Mark = { hwm: 0, hwmId: null, lastBoot: null, lastLo: null };

type Was = { epoch: string; lane: number };
type Range = { from: number; to: number };

/** Whether the hub remembers another past than this store: two copies of one card, or an epoch that is over. */
export function refusalOf(visit: Visit): 'E_EPOCH_CLOSED' | 'E_FORK' | undefined {
  const { epoch, job } = visit;
  if (!epoch.open) return 'E_EPOCH_CLOSED';
  const { input } = job;
  const isFar = LANES.some((lane) => isFork(markIn(visit, lane), input.after[lane], slicesOf(input, lane)));
  return isFar || differsBelow(visit) ? 'E_FORK' : undefined;
}

/** Whether the hub has an acknowledgement or a command of this very incarnation that the store does not know of. */
export function provesRollback({ job: { input }, row, ...visit }: Visit, gen: string): boolean {
  if (input.downGen !== gen) return false;
  if (input.downAcked > row.downNext - 1) return true;
  return LANES.some((lane) => {
    const mark = visit.marks.get(streamKey(input.epoch, lane)) ?? UNTOUCHED;
    return (input.after[lane]?.seq ?? 0) > mark.hwm;
  });
}

/** What the request brings about in its lanes; nothing is written yet. Source: sync protocol, section 3. */
export function planVisit(visit: Visit): LaneWork[] {
  return LANES.map((lane) => planWork(visit, lane));
}

function planWork(visit: Visit, lane: Lane): LaneWork {
  const { epoch, after, gaps } = visit.job.input;
  const before = markIn(visit, lane);
  const claimed = after[lane];
  const isRollback = claimed !== undefined && claimed.seq > before.hwm;
  // The one lawful jump: this store came back from a backup, and the hub has deleted what it had acknowledged.
  const start = isRollback
    ? { ...UNTOUCHED, lastBoot: before.lastBoot, hwm: claimed.seq, hwmId: claimed.id?.toLowerCase() ?? null }
    : before;
  const lost = lostInLeft(visit, lane);
  if (isRollback) lost.push({ ...lostGap(lane, before.hwm + 1, claimed.seq), epoch });
  const work = { lane, before, after: start, verdicts: [], gaps: lost, isHole: false, isRollback };
  const own = gaps.filter((gap) => gap.lane === lane && gap.from <= gap.to);
  const plan = planLane(start, slicesOf(visit.job.input, lane), own);
  if (!plan.ok) return { ...work, isHole: true };
  const verdicts = plan.events.map((arrived) => judgeEvent(lane, arrived, (was, event) => isHere(visit, was, event)));
  const kept = plan.gaps.flatMap((gap) => leftOfGap(gap, (was) => coveredIn(visit, was, gap.reason)));
  const behind = start.hwm === 0 ? lostBehind(visit, firstWas(verdicts, plan.gaps)) : [];
  return {
    ...work,
    after: { ...start, ...plan.cursor },
    verdicts,
    gaps: [...lost, ...behind, ...kept.map((gap) => ({ ...gap, epoch }))],
  };
}

function markIn({ marks, job }: Visit, lane: Lane): Mark {
  return marks.get(streamKey(job.input.epoch, lane)) ?? UNTOUCHED;
}

/**
 * Whether an event is covered under an earlier number of its own. Not by another event, and not by a gap: that one was
 * of another copy of the card, which had dropped there what is held here.
 */
function isHere(visit: Visit, was: Was & { seq: number }, event: SyncEvent): boolean {
  if (was.seq > closedMark(visit, was) || gapAt(visit.heldGaps, was) !== undefined) return false;
  return !isAnother(visit.held.get(placeKey(was)), event);
}

/**
 * Which numbers of a gap are covered where it was before. What could not be read any more may have been delivered before
 * that; what was dropped on purpose never was: an event there is one of another copy of the card.
 */
function coveredIn(visit: Visit, { epoch, lane, from, to }: WasRange, reason: GapReason): Range[] {
  const last = Math.min(to, closedMark(visit, { epoch, lane }));
  if (last < from) return [];
  if (reason === 'corrupt') return [{ from, to: last }];
  return visit.heldGaps
    .filter((gap) => gap.epoch === epoch && gap.lane === lane && gap.from <= last && gap.to >= from)
    .map((gap) => ({ from: Math.max(gap.from, from), to: Math.min(gap.to, last) }));
}

function slicesOf({ logs }: SyncInput, lane: Lane): SyncInput['logs'] {
  return logs.filter((slice) => slice.lane === lane);
}

/** What this store lacks of epochs that its hub has left: it was acknowledged, and moves nowhere. */
function lostInLeft({ marks, job }: Visit, lane: Lane): LaneWork['gaps'] {
  const { epoch: own, left = [] } = job.input;
  return left.flatMap(({ epoch, after }) => {
    const [hwm, acked] = [marks.get(streamKey(epoch, lane))?.hwm ?? 0, after[lane] ?? 0];
    return epoch === own || acked <= hwm ? [] : [{ ...lostGap(lane, hwm + 1, acked), epoch }];
  });
}

/**
 * What a hub moves into a new epoch begins where the acknowledgements of the old one ended. If this store knows of less,
 * it came back from a backup in between, and what it lost is named in the old epoch.
 */
function lostBehind(visit: Visit, first: { epoch: string; lane: Lane; seq: number } | undefined): LaneWork['gaps'] {
  if (first === undefined) return [];
  const mark = visit.marks.get(streamKey(first.epoch, first.lane));
  const { epoch, left = [] } = visit.job.input;
  if (left.some((gone) => gone.epoch === first.epoch)) return [];
  if (first.epoch === epoch || mark === undefined || first.seq <= mark.hwm + 1) return [];
  return [{ ...lostGap(first.lane, mark.hwm + 1, first.seq - 1), epoch: first.epoch }];
}

function firstWas(
  verdicts: readonly Verdict[],
  gaps: readonly Gap[],
): { epoch: string; lane: Lane; seq: number } | undefined {
  const gap = gaps.find(({ from }) => from === 1)?.was?.at(-1);
  if (gap !== undefined) return { epoch: gap.epoch, lane: gap.lane, seq: gap.from };
  const event = verdicts.find(({ seq }) => seq === 1);
  return event?.kind === 'event' ? event.event.was?.at(-1) : undefined;
}

function lostGap(lane: Lane, from: number, to: number): Gap {
  return { lane, from, to, reason: 'cloud_rollback', rows: to - from + 1, bytes: 0, firstAt: null, lastAt: null };
}
