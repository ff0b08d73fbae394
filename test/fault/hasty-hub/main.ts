// The hub as it is shipped, whose waits are short: what takes it seconds in life takes a tenth here, what takes minutes a
// two-hundredth, and its back-offs, by the same rules, choose from a tenth. The wall clock is left alone, by which certificates
// and tokens live; the other too where it is asked for, by which the hub knows whether it may trust the wall clock.
import { systemClock } from '../../../hardware/index.js';

const SPEED = 10;
const SPEED_OF_MINUTES = 200;
const MINUTE_MS = 60_000;
const HASTE = 0.1;

const { sleep, monotonic } = systemClock;
const isSteady = process.env.HASTY_HUB_MONOTONIC === 'steady';
const random = Math.random;
Object.assign(systemClock, {
  sleep: (ms: number, signal?: AbortSignal) => sleep(ms / (ms > MINUTE_MS ? SPEED_OF_MINUTES : SPEED), signal),
  monotonic: () => (isSteady ? 1 : SPEED) * monotonic(),
});
Object.assign(Math, { random: () => HASTE * random() });
await import('../../../hub/main.js');
