import type { HardwareReport } from '../../../contract/index.js';
import { LIVE } from '../diagnose/registry.js';
import type { HardwareRecord } from '../journal/entry.js';
import { hardwareWords } from '../tags/tag-words.js';

/** How far a hub of the box has come. `queued`: the cloud is to hear of it later. */
export type Stage = 'queued' | 'refused' | 'registered' | 'certificate-refused' | 'certificate-issued' | 'online';

/** A hub of the box: its number in it, what the journal knows, and what the cloud said last. */
export type BoxedHub = { number: number; record: HardwareRecord; report?: HardwareReport | undefined };

export function stageOf({ record: { registration }, report }: BoxedHub): Stage {
  if (registration.state !== 'registered') return registration.state;
  if (report === undefined) return 'registered';
  const live = liveIn(report);
  // What the cloud heard before belongs to a certificate before.
  const isSeen =
    (live?.firstUsedAt ?? null) !== null || (live !== undefined && (report.lastSeenAt ?? '') > live.createdAt);
  if (live !== undefined) return isSeen ? 'online' : 'certificate-issued';
  return report.decisions[0]?.allowed === false ? 'certificate-refused' : 'registered';
}

function liveIn(report: HardwareReport | undefined): HardwareReport['certificates'][number] | undefined {
  return report?.certificates.find(({ status }) => status === LIVE);
}

/** Whether nothing more comes of it without a person. */
export function isAtRest(stage: Stage): boolean {
  return stage === 'online' || stage === 'refused';
}

/** One line of progress, such as `7/24 inklet-… tag ok, registered, certificate issued, online`. */
export function progressWords(hub: BoxedHub, count: number, hasCloud: boolean): string {
  const { number, record } = hub;
  const tag = record.tagged?.how === 'verified' ? 'tag ok' : `tag ${record.tagged?.how ?? 'begun'}`;
  return `${number}/${count} ${hardwareWords(record).thingName} ${[tag, ...stepsOf(hub, hasCloud)].join(', ')}`;
}

function stepsOf(hub: BoxedHub, hasCloud: boolean): string[] {
  const { registration } = hub.record;
  const stage = stageOf(hub);
  switch (stage) {
    case 'queued':
      return [hasCloud ? 'to be registered' : 'to be synced'];
    case 'refused':
      return [`refused by the cloud: ${registration.state === 'refused' ? registration.code : ''}`];
    case 'registered':
      return ['registered'];
    case 'certificate-refused':
      return ['registered', `certificate refused: ${hub.report?.decisions[0]?.reason ?? 'no reason'}`];
    case 'certificate-issued':
      return ['registered', 'certificate issued'];
    case 'online':
      return ['registered', 'certificate issued', 'online'];
  }
}

/** The same for programs. */
export function hubValue(hub: BoxedHub) {
  const { number, record, report } = hub;
  const { registration, tagged } = record;
  return {
    number,
    ...hardwareWords(record),
    tag: tagged?.how ?? null,
    taggedAt: tagged?.at ?? null,
    locked: tagged?.locked ?? false,
    stage: stageOf(hub),
    registeredAt: registration.state === 'registered' ? registration.at : null,
    certificateId: liveIn(report)?.id ?? null,
    lastSeenAt: report?.lastSeenAt ?? null,
    code: registration.state === 'refused' ? registration.code : null,
    reason: registration.state === 'refused' ? registration.message : refusalIn(report),
  };
}

function refusalIn(report: HardwareReport | undefined): string | null {
  const [latest] = report?.decisions ?? [];
  return latest?.allowed === false ? latest.reason : null;
}
