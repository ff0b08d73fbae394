const FIRST_MS = 0;
const LAST_MS = Date.UTC(9999, 11, 31);

/** The moment at so many milliseconds since 1970, or the nearest that a database keeps: a hub's clock may say anything. */
export function inCalendar(ms: number): Date {
  return new Date(Math.min(Math.max(ms, FIRST_MS), LAST_MS));
}

/** Whether a database keeps this moment as it is. */
export function isInCalendar(ms: number): boolean {
  return ms >= FIRST_MS && ms <= LAST_MS;
}
