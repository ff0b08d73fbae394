import type { Outcome } from '../display/job.js';
import type { Effect } from './executor.js';

/** An effect whose end is still to be committed. */
export type OpenEffect = Exclude<Effect, { settled: true }>;

export const APPLIED: OpenEffect = {
  settled: false,
  result: { state: 'applied', code: null, message: null },
};

/** Applied, with something that joins the commit of its end. */
export function applied(also: () => void): OpenEffect {
  return { ...APPLIED, also };
}

/** What a command comes to that ends as its screen does. */
export function effectOf(outcome: Outcome, also?: () => void): Effect {
  switch (outcome.state) {
    case 'shown':
      return also === undefined ? APPLIED : applied(also);
    case 'superseded': {
      const message = `replaced by ${outcome.by ?? 'something newer'}`;
      return { settled: false, result: { state: 'superseded', code: 'display.superseded', message } };
    }
    case 'failed':
      return { settled: false, result: { state: 'failed', code: outcome.code, message: outcome.message } };
    case 'stopped':
      // Left as it is: the next start decides.
      return { settled: true };
  }
}
