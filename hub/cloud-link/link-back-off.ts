import type { BackOff } from '../back-off.js';

const USUAL: BackOff = { baseMs: 1000, capMs: 60_000 };

/** By why a connection failed or ended. */
const BACK_OFFS: Readonly<Record<string, BackOff>> = {
  // Two holders of one client id throw each other out for ever at the usual pace.
  'link.taken-over': { baseMs: 30_000, capMs: 600_000 },
  'link.throttled': { baseMs: 30_000, capMs: 600_000 },
  // Somebody has to do something; nobody needs the hub to ask every minute.
  'link.refused': { baseMs: 5000, capMs: 600_000 },
  'link.bad-credentials': { baseMs: 60_000, capMs: 600_000 },
};

/** How long to stay away after a failure of this kind. */
export function linkBackOff(code: string): BackOff {
  return BACK_OFFS[code] ?? USUAL;
}
