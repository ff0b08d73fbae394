import type { Gap, Lane, SyncEvent } from '../../contract/index.js';
import { isAnother, placeKey } from './held-events.js';
import { judgeEvent } from './judge-event.js';
import { isFork, planLane } from './lane-plan.js';
import { leftOfGap } from './moved-gap.js';
import type { SyncInput } from './sync-input.js';
import { closedMark, type LaneWork, type Mark, streamKey, type Verdict, type Visit } from './visit.js';

export const LANES = [0, 1, 2, 3] as const satisfies readonly Lane[];

const UNTOUCHED: Mark = { hwm: 0, hwmId: null, lastBoot: null, lastLo: null };

type Was = { epoch: string; lane: number };

/** Whether the hub remembers another past than this store: two copies of one card, or an epoch that is over. */
export function refusalOf(visit: Visit): 'E_EPOCH_CLOSED' | 'E_FORK' | undefined {
  const { epoch, job } = visit;
  if (!epoch.open) return 'E_EPOCH_CLOSED';
  const { input } = job;
  return LANES.some((lane) => isFork(markIn(visit, lane), input.after[lane], slicesOf(input, lane)))
    ? 'E_FORK'
    : undefined;
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
  const lost = isRollback ? [{ ...lostGap(lane, before.hwm + 1, claimed.seq), epoch }] : [];
  const work = { lane, before, after: start, verdicts: [], gaps: lost, isHole: false, isRollback };
  const own = gaps.filter((gap) => gap.lane === lane && gap.from <= gap.to);
  const plan = planLane(start, slicesOf(visit.job.input, lane), own);
  if (!plan.ok) return { ...work, isHole: true };
  const verdicts = plan.events.map((arrived) => judgeEvent(lane, arrived, (was, event) => isHere(visit, was, event)));
  const kept = plan.gaps.flatMap((gap) => leftOfGap(gap, (was) => closedMark(visit, was)) ?? []);
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

/** Whether an event is covered under an earlier number of its own: by itself, or by a gap. */
function isHere(visit: Visit, was: Was & { seq: number }, event: SyncEvent): boolean {
  return was.seq <= closedMark(visit, was) && !isAnother(visit.held.get(placeKey(was)), event);
}

function slicesOf({ logs }: SyncInput, lane: Lane): SyncInput['logs'] {
  return logs.filter((slice) => slice.lane === lane);
}

/**
 * What a hub moves into a new epoch begins where the acknowledgements of the old one ended. If this store knows of less,
 * it came back from a backup in between, and what it lost is named in the old epoch.
 */
function lostBehind(visit: Visit, first: { epoch: string; lane: Lane; seq: number } | undefined): LaneWork['gaps'] {
  if (first === undefined) return [];
  const mark = visit.marks.get(streamKey(first.epoch, first.lane));
  if (first.epoch === visit.job.input.epoch || mark === undefined || first.seq <= mark.hwm + 1) return [];
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
