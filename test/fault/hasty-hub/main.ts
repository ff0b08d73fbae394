// The hub as it is shipped, whose time runs faster: what it waits for in life takes a tenth here, and its back-offs, by the
// same rules, a hundredth.
import { systemClock } from '../../../hardware/index.js';

const SPEED = 10;
/** The part of a back-off's span from which chance chooses. */
const HASTE = 0.1;

const { sleep } = systemClock;
const random = Math.random;
Object.assign(systemClock, { sleep: (ms: number, signal?: AbortSignal) => sleep(ms / SPEED, signal) });
Object.assign(Math, { random: () => HASTE * random() });
await import('../../../hub/main.js');
