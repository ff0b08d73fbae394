import type { HubEvent } from '../../contract/index.js';
import type { LocalBindings } from '../binding/local-bindings.js';
import type { Delivery } from '../command/delivery.js';
import type { CloudContext } from '../context.js';
import { isDataError } from '../database/data-error.js';
import { afterCommit, inSavepoint, type Tx } from '../database/database.js';
import { revokeGivenUp } from '../device/certificate-life.js';
import { CloudError } from '../errors.js';
import type { RetireContext } from '../iot-control/retire-at-iot.js';
import type { EventSource, PresentationPort } from './presentation-port.js';
import { alarmOfFailedRotation } from './rotation-failed.js';
import type { Verdict, Visit } from './visit.js';

/** What news of hubs brings about. */
export type EffectParts = {
  delivery: Pick<Delivery, 'applyResult'>;
  presentations: PresentationPort;
  localBindings: Pick<LocalBindings, 'note'>;
  context: Pick<CloudContext, 'log' | 'metrics'> & RetireContext;
};

const TOLD = [
  'hub.started',
  'certificate.rotated',
  'link.changed',
  'storage.trouble',
  'hub.telemetry',
  'hub.warned',
] as const;

type Told = Extract<HubEvent, { type: (typeof TOLD)[number] }>;
type Effective = Exclude<HubEvent, Told>;
type Deed = { news: Effective; refuse: () => void };

/**
 * Lets the news of a hub have their effects, in the order of each lane, the control lane first. An event whose effect
 * is refused, by the database or by us, becomes a dead letter and leaves nothing behind.
 */
export async function applyEffects(tx: Tx, parts: EffectParts, visit: Visit): Promise<void> {
  const deeds = deedsOf(visit);
  if (deeds.length === 0) return;
  const source = { hubId: visit.row.id, householdId: visit.row.householdId };
  const apply = (some: readonly Deed[]) =>
    triedInSavepoint(tx, async () => {
      for (const { news } of some) await applyEffect(tx, parts, source, news);
    });
  // All of a hub at once, as nearly always none is refused.
  if (deeds.length > 1 && (await apply(deeds))) return;
  for (const deed of deeds) {
    if (!(await apply([deed]))) deed.refuse();
  }
}

/** Whether a refusal is of what stood in the data, and not of a database that is out of reach or a fault of ours. */
export async function triedInSavepoint(tx: Tx, fn: () => Promise<void>): Promise<boolean> {
  try {
    await inSavepoint(tx, fn);
    return true;
  } catch (error) {
    if (!isDataError(error) && !(error instanceof CloudError)) throw error;
    return false;
  }
}

function deedsOf({ lanes }: Visit): Deed[] {
  return lanes.flatMap(({ verdicts }) =>
    verdicts.flatMap((verdict, index) => {
      if (verdict.kind !== 'event' || verdict.news === undefined || isTold(verdict.news)) return [];
      return [{ news: verdict.news, refuse: () => verdicts.splice(index, 1, refused(verdict)) }];
    }),
  );
}

function refused({ seq, raw }: Extract<Verdict, { kind: 'event' }>): Verdict {
  return { kind: 'dead', seq, reason: 'event.refused', raw };
}

async function applyEffect(
  tx: Tx,
  { delivery, presentations, localBindings, context }: EffectParts,
  source: EventSource,
  event: Effective,
): Promise<void> {
  switch (event.type) {
    case 'certificate.rotation-failed': {
      const { certificateId } = event.body;
      if (certificateId !== undefined) await revokeGivenUp(tx, context, { hubId: source.hubId, certificateId });
      return afterCommit(tx, () => alarmOfFailedRotation(context, source.hubId, event.body));
    }
    case 'cmd.result': {
      const changes = await delivery.applyResult(tx, source.hubId, event.body);
      if (changes.length > 0) await presentations.commandsChanged(tx, source, changes);
      return;
    }
    case 'identity.clone-suspected':
      return afterCommit(tx, () => {
        context.metrics.count('inklet_clones_suspected_total');
        const facts = { hubId: source.hubId, ...event.body };
        context.log.warn(facts, "another device uses a hub's identity: a card was cloned");
      });
    case 'binding.local':
      return localBindings.note(tx, source, event.body);
    default:
      return presentations.applyPresentationEvent(tx, source, event);
  }
}

/** What is only told changes nothing here. */
function isTold(event: HubEvent): event is Told {
  return TOLD.some((type) => type === event.type);
}
