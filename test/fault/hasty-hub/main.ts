// The hub as it is shipped, whose waits are short: what takes it seconds in life takes a tenth here, what takes minutes a
// two-hundredth, and its back-offs, by the same rules, choose from a tenth. The clocks are left alone, by which certificates
// and tokens live and the cloud's time is trusted.
import { systemClock } from '../../../hardware/index.js';

const SPEED = 10;
const SPEED_OF_MINUTES = 200;
const MINUTE_MS = 60_000;
const HASTE = 0.1;

const { sleep } = systemClock;
const random = Math.random;
Object.assign(systemClock, {
  sleep: (ms: number, signal?: AbortSignal) => sleep(ms / (ms > MINUTE_MS ? SPEED_OF_MINUTES : SPEED), signal),
});
Object.assign(Math, { random: () => HASTE * random() });
await import('../../../hub/main.js');
