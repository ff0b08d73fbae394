import type { History, Step, StepOf } from './history.js';
import { LANES, stepsOf } from './steps.js';
import type { Context, Finding } from './verdict.js';

/** I15 */
export function diskIsBounded(history: History): Finding[] {
  const findings: Finding[] = [];
  const full = new Map<string, { since: StepOf<'disk.full'>; isAcknowledged: boolean }>();
  const acked = new Map<string, number>();
  for (const step of stepsOf(history, 'sample', 'disk.full', 'hub.commit', 'enq.err', 'enq.ok', 'card.cloned')) {
    const trouble = full.get(step.proc);
    switch (step.step) {
      case 'sample':
        if (step.fileBytes > step.capBytes) {
          findings.push({ what: `${step.fileBytes} bytes on disk, the cap is ${step.capBytes}`, evidence: [step] });
        }
        break;
      case 'disk.full':
        full.set(step.proc, { since: step, isAcknowledged: false });
        break;
      case 'hub.commit':
        if (
          LANES.filter((lane) => rises(acked, `${step.proc} ${step.epoch} ${lane}`, step.acks[lane] ?? 0)).length > 0
        ) {
          if (trouble !== undefined) trouble.isAcknowledged = true;
        }
        break;
      case 'enq.err':
        // A lane that is full by its own law is another matter.
        if (trouble?.isAcknowledged === true && step.code !== 'outbox.full') {
          findings.push({ what: `still ${step.code} after an acknowledgement`, evidence: [trouble.since, step] });
        }
        break;
      case 'card.cloned':
        for (const lane of LANES)
          rises(acked, `${step.proc} ${step.epoch} ${lane}`, acked.get(`${step.of} ${step.epoch} ${lane}`) ?? 0);
        break;
      case 'enq.ok':
        if (trouble?.isAcknowledged === true) full.delete(step.proc);
        break;
    }
  }
  return findings;
}

function rises(marks: Map<string, number>, name: string, to: number): boolean {
  const isHigher = to > (marks.get(name) ?? 0);
  if (isHigher) marks.set(name, to);
  return isHigher;
}

/** Since when a hub has had nothing in its way, and how much it then had to send. */
type Calm = { sinceMs: number; backlog: number; isUp: boolean };

/** What begins the time anew in which a lane must become empty; of the cloud's steps those of every hub. */
const DISTURBANCES: readonly Step['step'][] = [
  'enq.ok',
  'crash',
  'open',
  'restore',
  'disk.full',
  'move',
  'card.lost',
  'card.cloned',
];

/** I16 */
export function lanesBecomeEmpty(history: History, { pace }: Context): Finding[] {
  if (pace === undefined) return [];
  const findings: Finding[] = [];
  const calms = new Map<string, Calm>();
  for (const step of history) {
    if (step.step === 'link') calms.set(step.proc, { sinceMs: step.at, backlog: 0, isUp: step.up });
    else if (DISTURBANCES.includes(step.step)) disturb(calms, step);
    else if (step.step === 'sample') {
      const calm = calms.get(step.proc) ?? { sinceMs: step.at, backlog: 0, isUp: true };
      calms.set(step.proc, { ...calm, backlog: Math.max(calm.backlog, step.backlog) });
      const limitMs = 2 * pace.backoffCapMs + (Math.max(calm.backlog, step.backlog) / pace.eventsPerS) * 1000;
      const calmMs = step.at - calm.sinceMs;
      if (!calm.isUp || step.backlog === 0 || calmMs <= limitMs) continue;
      findings.push({
        what: `${step.backlog} still wait after ${Math.round(calmMs)} ms, the limit is ${Math.round(limitMs)}`,
        evidence: [step],
      });
    }
  }
  return findings;
}

function disturb(calms: Map<string, Calm>, step: Step): void {
  const calm = calms.get(step.proc);
  if ('hub' in step && step.hub !== undefined)
    calms.set(step.proc, { sinceMs: step.at, backlog: 0, isUp: calm?.isUp ?? true });
  else for (const [card, { isUp }] of calms) calms.set(card, { sinceMs: step.at, backlog: 0, isUp });
}
