import type { Step } from './history.js';
import type { Told } from './history-writer.js';
import { TINY_LOG_PAIRS } from './tiny-log-histories.js';
import { TINY_OTHER_PAIRS } from './tiny-other-histories.js';

/** For each invariant at least one pair. */
export const TINY_PAIRS = [...TINY_LOG_PAIRS, ...TINY_OTHER_PAIRS];

const ON_CLOUD: readonly string[] = ['cloud.commit', 'cloud.reg', 'reply', 'restore', 'cmd.create', 'cmd.final'];

/** One step each millisecond. */
export function lived(told: readonly Told[]): Step[] {
  return told.map((step, index) => ({
    at: index,
    mono: index,
    proc: ON_CLOUD.includes(step.step) ? 'cloud' : 'card',
    ...step,
  }));
}
