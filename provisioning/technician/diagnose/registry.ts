import type { HardwareReport } from '../../../contract/index.js';
import { type Found, failed, ok, unknown } from './finding.js';

/** What the cloud calls a certificate that is good. */
export const LIVE = 'live';
const DAY_MS = 24 * 60 * 60 * 1000;

/** What the cloud knows of the hardware; `null` where it knows nothing of it. */
export type Asked = HardwareReport | null | Found;

/** Whether the factory's registry has it, and lets it in. */
export function registered(asked: Asked): Found {
  if (asked === null) return failed('registry.unknown', 'the cloud does not know this hardware');
  if (isFound(asked)) return asked;
  const { state } = asked;
  return state === 'BLOCKED' || state === 'RETIRED'
    ? failed('registry.blocked', `it is ${state}`)
    : ok(`it is ${state}`);
}

/** What the cloud decided when the hub asked for a certificate last. */
export function lastDecision(asked: Asked): Found {
  if (asked === null || isFound(asked)) return earlier();
  const [latest] = asked.decisions;
  if (latest === undefined) return unknown('certificate.none', 'it has never asked for a certificate');
  if (latest.allowed) return ok(`allowed at ${latest.at}`);
  // Somebody else with a copy of the tag may have been refused, which does not hurt a hub that is online.
  const message = `refused at ${latest.at}: ${latest.reason ?? 'no reason'}`;
  const hasOne = asked.certificates.some(({ status }) => status === LIVE);
  return hasOne ? unknown('registry.refused', message) : failed('registry.refused', message);
}

/** Whether it has a certificate that is good. */
export function hasCertificate(asked: Asked): Found {
  if (asked === null || isFound(asked)) return earlier();
  const active = asked.certificates.find(({ status }) => status === LIVE);
  if (active !== undefined) return ok(`${active.id.slice(0, 12)}… of ${active.createdAt}`);
  const [any] = asked.certificates;
  if (any !== undefined) return failed('certificate.not-active', `${any.id.slice(0, 12)}… is ${any.status}`);
  return failed('certificate.none', 'no certificate was issued to it');
}

/** When the cloud heard of it last. */
export function lastSeen(asked: Asked, nowMs: number): Found {
  if (asked === null || isFound(asked)) return earlier();
  const { lastSeenAt } = asked;
  if (lastSeenAt === null) return failed('hub.never-seen', 'the cloud has never heard of it');
  const isLong = nowMs - Date.parse(lastSeenAt) > DAY_MS;
  return isLong ? failed('hub.long-silent', `last seen ${lastSeenAt}`) : ok(`last seen ${lastSeenAt}`);
}

function isFound(asked: HardwareReport | Found): asked is Found {
  return 'status' in asked;
}

function earlier(): Found {
  return unknown('diagnose.needs-earlier', 'the registry was not read');
}
