import type { History } from './history.js';
import { stepsOf } from './steps.js';
import type { Context, Finding } from './verdict.js';

/** I18 */
export function timeIsNotInvented(history: History, { cloud, timeToleranceMs = 0 }: Context): Finding[] {
  if (cloud === undefined) return [];
  const called = new Map(stepsOf(history, 'enq.call').map((step) => [`${step.hub} ${step.hash}`, step]));
  const accepted = new Map(stepsOf(history, 'enq.ok').map((step) => [`${step.hub} ${step.hash}`, step]));
  return cloud.events.flatMap(({ hub, hash, tsLo, tsHi }) => {
    const call = called.get(`${hub} ${hash}`);
    const ok = accepted.get(`${hub} ${hash}`);
    if (call === undefined || tsLo === undefined || tsHi === undefined) return [];
    // An event that was not confirmed before a kill was made at some time after its call.
    const isAfter = tsHi + timeToleranceMs < call.at;
    const isBefore = ok !== undefined && tsLo - timeToleranceMs > ok.at;
    if (!isAfter && !isBefore && tsLo <= tsHi) return [];
    return [{ what: `${hash} is said to be of ${tsLo}..${tsHi}`, evidence: ok === undefined ? [call] : [call, ok] }];
  });
}
