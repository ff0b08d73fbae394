// The hub as it is shipped, whose time runs faster: what it waits for in life takes a tenth here, and its back-offs, by the
// same rules, a hundredth. The wall clock is left alone, by which certificates and tokens live.
import { systemClock } from '../../../hardware/index.js';

const SPEED = 10;
/** The part of a back-off's span from which chance chooses. */
const HASTE = 0.1;

const { sleep, monotonic } = systemClock;
const random = Math.random;
Object.assign(systemClock, {
  sleep: (ms: number, signal?: AbortSignal) => sleep(ms / SPEED, signal),
  monotonic: () => SPEED * monotonic(),
});
Object.assign(Math, { random: () => HASTE * random() });
await import('../../../hub/main.js');
