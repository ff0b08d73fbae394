import { type Found, failed, notAsked, ok, unknown } from './finding.js';

// A clock before this was never set: a Pi without network starts at its image's date or in 1970.
const EARLIEST_PLAUSIBLE_MS = Date.UTC(2025, 0, 1);
/** A device token is refused when the clocks are further apart. */
const MOST_APART_MS = 60_000;

/** Whether this machine's clock is right, by the cloud's where it tells. */
export function thisClock(nowMs: number, cloudMs: number | undefined): Found {
  const now = new Date(nowMs).toISOString();
  if (nowMs < EARLIEST_PLAUSIBLE_MS) return failed('clock.not-set', `this machine has ${now}`);
  if (cloudMs === undefined) return ok(`${now}, which nobody has confirmed`);
  return compared(`this machine has ${now}`, nowMs, cloudMs);
}

/** Whether the hub's clock is right, by the cloud's, or else by ours. */
export function hubClock(hubMs: number | undefined, nowMs: number, cloudMs: number | undefined): Found {
  if (hubMs === undefined) return notAsked('--hub');
  const then = new Date(hubMs).toISOString();
  if (hubMs < EARLIEST_PLAUSIBLE_MS) return failed('clock.not-set', `the hub has ${then}`);
  if (nowMs < EARLIEST_PLAUSIBLE_MS) return unknown('diagnose.needs-earlier', 'this machine’s own clock is not set');
  return compared(`the hub has ${then}`, hubMs, cloudMs ?? nowMs);
}

function compared(what: string, ms: number, rightMs: number): Found {
  const apartS = Math.round(Math.abs(ms - rightMs) / 1000);
  return apartS * 1000 > MOST_APART_MS ? failed('clock.wrong', `${what}, ${apartS} s off`) : ok(what);
}
