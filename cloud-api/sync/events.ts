import { and, eq, isNotNull, sql } from 'drizzle-orm';
import {
  type HubEvent,
  HubEventSchema,
  type Lane,
  parseMessage,
  type SyncEvent,
  SyncEventSchema,
} from '../../contract/index.js';
import type { LocalBindings } from '../binding/local-bindings.js';
import type { Delivery } from '../command/delivery.js';
import type { CloudContext } from '../context.js';
import { isDataError } from '../database/data-error.js';
import type { Tx } from '../database/database.js';
import { revokeGivenUp } from '../device/certificate-life.js';
import { CloudError } from '../errors.js';
import type { RetireContext } from '../iot-control/retire-at-iot.js';
import type { EventTime } from './event-time.js';
import type { EventSource, PresentationPort } from './presentation-port.js';
import { alarmOfFailedRotation } from './rotation-failed.js';
import { dead, event as eventTable, hubEpoch, stream } from './tables.js';

export type NewEvents = {
  lane: Lane;
  epoch: string;
  source: EventSource;
  events: readonly { seq: number; event: unknown }[];
  timeOf: (event: SyncEvent) => EventTime;
  now: Date;
};

export type Reject = { lane: Lane; seq: number; code: string };

/** What news of hubs brings about. */
export type EventParts = {
  delivery: Delivery;
  presentations: PresentationPort;
  localBindings: Pick<LocalBindings, 'note'>;
  context: Pick<CloudContext, 'log' | 'metrics'> & RetireContext;
};

const KNOWN_TYPES: readonly string[] = HubEventSchema.options.map(({ shape }) => shape.type.value);
const KNOWN_VERSION = 1;

/**
 * Writes new events of a lane, and what they bring about, in the transaction of the sync. An event that nobody can read
 * or apply is kept as it came and named: a lane never waits for one event. One of an unknown type or version is kept
 * for later. Source: sync protocol, section 3 rule 7, section 8.
 */
export async function storeEvents(tx: Tx, parts: EventParts, batch: NewEvents): Promise<Reject[]> {
  const { lane, epoch, source, now } = batch;
  const { hubId, householdId } = source;
  const place = { hubId, epoch, lane, householdId, receivedAt: now };
  const rows: (typeof eventTable.$inferInsert)[] = [];
  const poison: (typeof dead.$inferInsert)[] = [];
  const movedFrom = await closedStreams(tx, batch);
  for (const { seq, event: raw } of batch.events) {
    const verdict = await take(tx, parts, batch, { raw, movedFrom });
    if (verdict.kind === 'covered') continue;
    if (verdict.kind === 'dead') {
      poison.push({ ...place, seq, reason: verdict.reason, raw: raw ?? null });
      continue;
    }
    const { id = null, type, tv, body } = verdict.event;
    const time = batch.timeOf(verdict.event);
    rows.push({ ...place, ...time, seq, id, type, tv, known: verdict.known, body: body ?? null });
  }
  if (rows.length > 0) await tx.insert(eventTable).values(rows);
  if (poison.length > 0) await tx.insert(dead).values(poison);
  return poison.map(({ seq, reason }) => ({ lane, seq, code: reason }));
}

type Verdict =
  | { kind: 'event'; event: SyncEvent; known: boolean }
  | { kind: 'covered' }
  | { kind: 'dead'; reason: string };

async function take(
  tx: Tx,
  parts: EventParts,
  { lane, source }: NewEvents,
  { raw, movedFrom }: { raw: unknown; movedFrom: Map<string, number> },
): Promise<Verdict> {
  const parsed = parseMessage(SyncEventSchema, raw);
  if (!parsed.ok) return { kind: 'dead', reason: 'event.malformed' };
  const event = parsed.value;
  // PostgreSQL holds no zero character in text.
  if ((lane === 0 && event.id === undefined) || event.type.includes('\0'))
    return { kind: 'dead', reason: 'event.malformed' };
  if (event.was?.some((was) => was.seq <= (movedFrom.get(`${was.epoch} ${was.lane}`) ?? 0))) return { kind: 'covered' };
  if (!KNOWN_TYPES.includes(event.type) || event.tv !== KNOWN_VERSION) return { kind: 'event', event, known: false };
  const read = parseMessage(HubEventSchema, { type: event.type, body: event.body });
  if (!read.ok) return { kind: 'dead', reason: 'event.invalid-body' };
  await tx.execute(sql`savepoint effect`);
  try {
    await applyEffect(tx, parts, source, read.value);
    await tx.execute(sql`release savepoint effect`);
    return { kind: 'event', event, known: true };
  } catch (error) {
    if (!isDataError(error) && !(error instanceof CloudError)) throw error;
    await tx.execute(sql`rollback to savepoint effect`);
    return { kind: 'dead', reason: 'event.refused' };
  }
}

async function applyEffect(
  tx: Tx,
  { delivery, presentations, localBindings, context }: EventParts,
  source: EventSource,
  event: HubEvent,
): Promise<void> {
  // What is only told changes nothing here.
  if (isTold(event)) return;
  if (event.type === 'certificate.rotation-failed') {
    const { certificateId } = event.body;
    if (certificateId !== undefined) await revokeGivenUp(tx, context, { hubId: source.hubId, certificateId });
    return alarmOfFailedRotation(context, source.hubId, event.body);
  }
  if (event.type === 'cmd.result') {
    const changes = await delivery.applyResult(tx, source.hubId, event.body);
    if (changes.length > 0) await presentations.commandsChanged(tx, source, changes);
    return;
  }
  if (event.type === 'identity.clone-suspected') {
    context.metrics.count('inklet_clones_suspected_total');
    context.log.warn({ hubId: source.hubId, ...event.body }, "another device uses a hub's identity: a card was cloned");
    return;
  }
  if (event.type === 'binding.local') return localBindings.note(tx, source, event.body);
  await presentations.applyPresentationEvent(tx, source, event);
}

const TOLD = [
  'hub.started',
  'certificate.rotated',
  'link.changed',
  'storage.trouble',
  'hub.telemetry',
  'hub.warned',
] as const;

type Told = Extract<HubEvent, { type: (typeof TOLD)[number] }>;

function isTold(event: HubEvent): event is Told {
  return TOLD.some((type) => type === event.type);
}

/** How far the closed epochs got, by epoch and lane: what was moved from below there is here already. */
async function closedStreams(tx: Tx, { events, source }: NewEvents): Promise<Map<string, number>> {
  const hasMoved = events.some(({ event }) => typeof event === 'object' && event !== null && 'was' in event);
  if (!hasMoved) return new Map();
  const rows = await tx
    .select({ epoch: stream.epoch, lane: stream.lane, hwm: stream.hwm })
    .from(stream)
    .innerJoin(hubEpoch, and(eq(hubEpoch.hubId, stream.hubId), eq(hubEpoch.epoch, stream.epoch)))
    .where(and(eq(stream.hubId, source.hubId), isNotNull(hubEpoch.closedAt)));
  return new Map(rows.map(({ epoch, lane, hwm }) => [`${epoch} ${lane}`, hwm]));
}
