import { X509Certificate } from 'node:crypto';
import type { HubIdentity } from '../../provisioning/index.js';

const DAY_MS = 24 * 60 * 60 * 1000;
/** Hubs of one day in the factory are spread over this part of their age. */
const SPREAD = 0.1;
const FRACTION_DIGITS = 8;

/** When the certificate begins, by the certificate itself; wall clock in milliseconds. */
export function notBeforeMs({ certPem }: Pick<HubIdentity, 'certPem'>): number {
  return Date.parse(new X509Certificate(certPem).validFrom);
}

/**
 * From when on the hub changes its key by itself; undefined: never. Up to a tenth earlier than `afterDays`, each hub at a
 * time of its own that restarts do not move; and a day after the last rotation or try at the earliest.
 */
export function rotationDueMs(
  identity: Pick<HubIdentity, 'certPem' | 'certificateId'>,
  { afterDays, lastTryMs }: { afterDays: number; lastTryMs: number | undefined },
): number | undefined {
  if (afterDays === 0) return undefined;
  const digits = identity.certificateId.slice(0, FRACTION_DIGITS);
  const fraction = Number.parseInt(digits, 16) / 16 ** FRACTION_DIGITS;
  const ageMs = afterDays * DAY_MS * (1 - SPREAD * fraction);
  return Math.max(notBeforeMs(identity) + ageMs, lastTryMs === undefined ? 0 : lastTryMs + DAY_MS);
}
