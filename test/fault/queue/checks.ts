import { diskIsBounded, lanesBecomeEmpty } from './bound-checks.js';
import { cardsKeepWhatTheyTook, controlGoesFirst, deletedAfterReply, dropsKeepTheLaw } from './card-checks.js';
import { appliedMeansDone, effectsAreOnce, nothingRunsTooLate } from './command-checks.js';
import { everythingIsOnce, nothingIsInvented, nothingIsLost } from './delivery-checks.js';
import type { History } from './history.js';
import { registersEndAtTheLast } from './register-checks.js';
import { everyNumberIsCovered, marksOnlyRise, orderIsKept, repliesFollowCommits } from './stream-checks.js';
import { timeIsNotInvented } from './time-checks.js';
import type { Check, Context, Violation } from './verdict.js';

/** Every promise that a history is judged by. Source: sync protocol, section 9; I18: section 5. */
export const CHECKS = {
  I1: {
    promise: 'what a hub accepted is in the cloud, is dead there, or is named in exactly one gap, for its true reason',
    check: nothingIsLost,
  },
  I2: { promise: 'what is in the cloud was enqueued', check: nothingIsInvented },
  I3: { promise: 'a number of a stream, and an event over all epochs, is committed once', check: everythingIsOnce },
  I4: {
    promise: 'events and gaps cover a stream without hole or overlap at every commit',
    check: everyNumberIsCovered,
  },
  I5: {
    promise: 'a high-water mark rises by what was covered, and never falls within an incarnation',
    check: marksOnlyRise,
  },
  I6: { promise: 'a stream keeps the order in which one producer was answered', check: orderIsKept },
  I7: { promise: 'no reply acknowledges what is not committed', check: repliesFollowCommits },
  I8: { promise: 'a hub deletes only what a reply acknowledged', check: deletedAfterReply },
  I9: {
    promise: 'a card holds after a crash what was accepted, and no number is given again',
    check: cardsKeepWhatTheyTook,
  },
  I10: {
    promise: 'a register ends at its last value, never falls, and every value is accounted for',
    check: registersEndAtTheLast,
  },
  I11: {
    promise: 'only a full lane drops, never lane 0, never what was sent, and the oldest first',
    check: dropsKeepTheLaw,
  },
  I12: {
    promise: 'no effect after the end of a command, no second one where once is the law, revisions rise',
    check: effectsAreOnce,
  },
  I13: { promise: 'applied means: effect, then result, then final; and every command ends', check: appliedMeansDone },
  I14: { promise: 'no effect begins after its deadline', check: nothingRunsTooLate },
  I15: {
    promise: 'the file stays under its cap, and a full disk is over with the next acknowledgement',
    check: diskIsBounded,
  },
  I16: { promise: 'with the link up every lane becomes empty in time', check: lanesBecomeEmpty },
  I17: { promise: 'what waits in lane 0 is in the next request, or fills it', check: controlGoesFirst },
  I18: { promise: 'an event happened between the two instants that the cloud says', check: timeIsNotInvented },
} as const satisfies Record<string, { promise: string; check: Check }>;

export type InvariantId = keyof typeof CHECKS;

/** Every broken promise of a history, in the order of the table. */
export function judge(history: History, context: Context): Violation[] {
  return Object.entries(CHECKS).flatMap(([id, { promise, check }]) =>
    check(history, context).map((finding) => ({ id, promise, ...finding })),
  );
}
