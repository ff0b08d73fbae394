import { and, eq } from 'drizzle-orm';
import { type Lane, SYNC_WINDOW, type SyncReply } from '../../contract/index.js';
import type { HubCaller } from '../auth/principal.js';
import { inCalendar } from '../calendar.js';
import type { CloudContext } from '../context.js';
import { asSystem, type Tx } from '../database/database.js';
import { readGeneration } from '../database/generation.js';
import { hub } from '../device/tables.js';
import { CloudError } from '../errors.js';
import { enterEpoch } from './epochs.js';
import { eventClock } from './event-time.js';
import { type EventParts, type Reject, storeEvents } from './events.js';
import { type Cursor, type Gap, isFork, planLane } from './lane-plan.js';
import { storeRegisters } from './registers.js';
import type { SyncInput } from './sync-input.js';
import { gap as gapTable, stream } from './tables.js';

const LANES = [0, 1, 2, 3] as const satisfies readonly Lane[];
const ZERO: Cursor = { hwm: 0, hwmId: null };

type SyncContext = Pick<CloudContext, 'db' | 'clock' | 'log' | 'metrics' | 'newId' | 'wakeIotTasks'>;
type SyncParts = Omit<EventParts, 'context'>;
type HubRow = typeof hub.$inferSelect;

/** The exchange with hubs: one request, one transaction, and the reply only once that has committed. */
export class Sync {
  readonly #context: SyncContext;
  readonly #parts: SyncParts;

  constructor(context: SyncContext, parts: SyncParts) {
    this.#context = context;
    this.#parts = parts;
  }

  async exchange(caller: HubCaller, input: SyncInput): Promise<SyncReply> {
    const reply = await asSystem(this.#context.db, async (tx) => {
      const [row] = await tx.select().from(hub).where(eq(hub.id, caller.hubId)).for('update');
      if (row === undefined) throw new CloudError('hub_not_found', 'The hub is gone.');
      return this.#apply(tx, row, input);
    });
    this.#context.metrics.count('inklet_syncs_total', { epoch_state: reply.epochState });
    return reply;
  }

  async #apply(tx: Tx, row: HubRow, input: SyncInput): Promise<SyncReply> {
    const now = new Date(this.#context.clock.now());
    const gen = await readGeneration(tx);
    const reply: SyncReply = {
      v: 1,
      gen,
      now: now.toISOString(),
      acks: {},
      regAcks: [],
      rejects: [],
      holes: [],
      down: [],
      downNext: row.downNext,
      finalUpto: 0,
      window: SYNC_WINDOW,
      retryMs: null,
      spreadMs: null,
      epochState: 'open',
    };
    const hubId = row.id;
    const epoch = await enterEpoch(tx, { hubId, epoch: input.epoch, now });
    if (!epoch.open) return { ...reply, epochState: 'E_EPOCH_CLOSED' };
    const cursors = await readCursors(tx, hubId, input.epoch);
    const slicesOf = (lane: Lane) => input.logs.filter((slice) => slice.lane === lane);
    if (LANES.some((lane) => isFork(cursors.get(lane) ?? ZERO, input.after[lane], slicesOf(lane)))) {
      this.#context.log.warn({ thingName: row.thingName }, 'two copies of one hub store are in use');
      return { ...reply, epochState: 'E_FORK' };
    }
    await this.#applyLanes(tx, row, { input, cursors, now, reply });
    const source = { hubId, householdId: row.householdId };
    reply.regAcks = await storeRegisters(tx, { source, epochOrd: epoch.ord, registers: input.regs, now });
    return this.#offerDown(tx, row, input, reply);
  }

  async #applyLanes(
    tx: Tx,
    row: HubRow,
    { input, cursors, now, reply }: { input: SyncInput; cursors: Map<Lane, Cursor>; now: Date; reply: SyncReply },
  ): Promise<void> {
    const { id: hubId, householdId, createdAt: bornAt } = row;
    const timeOf = await eventClock(tx, { hubId, request: input, now, bornAt });
    const rejects: Reject[] = [];
    for (const lane of LANES) {
      let cursor = cursors.get(lane) ?? ZERO;
      const gaps = input.gaps.filter((gap) => gap.lane === lane && gap.from <= gap.to);
      const after = input.after[lane];
      const lost: Gap[] = [];
      if (after !== undefined && after.seq > cursor.hwm) {
        lost.push(lostGap(lane, cursor.hwm + 1, after.seq));
        cursor = { hwm: after.seq, hwmId: after.id?.toLowerCase() ?? null };
        this.#context.metrics.count('inklet_sync_rollbacks_total');
        this.#context.log.error(
          { thingName: row.thingName, lane, upTo: after.seq },
          'this store lacks events that it acknowledged',
        );
      }
      const slices = input.logs.filter((slice) => slice.lane === lane);
      const plan = planLane(cursor, slices, gaps);
      if (!plan.ok) reply.holes.push({ code: 'E_HOLE', lane, hwm: cursor.hwm });
      const { events, gaps: added } = plan.ok ? plan : { events: [], gaps: [] };
      if (plan.ok) cursor = plan.cursor;
      const source = { hubId, householdId };
      if (events.length > 0) {
        rejects.push(
          ...(await storeEvents(
            tx,
            { ...this.#parts, context: this.#context },
            { lane, epoch: input.epoch, source, events, timeOf, now },
          )),
        );
      }
      await storeGaps(tx, { hubId, householdId, epoch: input.epoch, gaps: [...lost, ...added], now });
      if (cursor.hwm !== (cursors.get(lane)?.hwm ?? 0))
        await moveStream(tx, { hubId, epoch: input.epoch, lane, cursor, now });
      if (cursor.hwm > 0) reply.acks[lane] = cursor.hwm;
      this.#context.metrics.count('inklet_sync_events_total', { lane: String(lane) }, events.length);
    }
    reply.rejects = rejects;
  }

  async #offerDown(tx: Tx, row: HubRow, input: SyncInput, reply: SyncReply): Promise<SyncReply> {
    const { delivery, presentations } = this.#parts;
    const { id: hubId, householdId } = row;
    // A cursor of another incarnation counts other commands: it says nothing here.
    const downAcked = input.downGen === reply.gen ? Math.min(input.downAcked, row.downNext - 1) : 0;
    const received = await delivery.noteReceived(tx, hubId, downAcked);
    const limit = input.want.down;
    const { down, changes } = await delivery.offer(tx, { hubId, gen: reply.gen, cursor: downAcked, limit });
    const all = [...received, ...changes];
    if (all.length > 0) await presentations.commandsChanged(tx, { hubId, householdId }, all);
    await tx
      .update(hub)
      .set({ downAcked, lastSeenAt: new Date(reply.now) })
      .where(eq(hub.id, hubId));
    return { ...reply, down, finalUpto: await delivery.finalUpto(tx, hubId, downAcked) };
  }
}

async function readCursors(tx: Tx, hubId: string, epoch: string): Promise<Map<Lane, Cursor>> {
  const rows = await tx
    .select()
    .from(stream)
    .where(and(eq(stream.hubId, hubId), eq(stream.epoch, epoch)));
  const cursors = new Map<Lane, Cursor>();
  for (const lane of LANES) {
    const row = rows.find((candidate) => candidate.lane === lane);
    if (row !== undefined) cursors.set(lane, { hwm: row.hwm, hwmId: row.hwmId });
  }
  return cursors;
}

async function moveStream(
  tx: Tx,
  { hubId, epoch, lane, cursor, now }: { hubId: string; epoch: string; lane: Lane; cursor: Cursor; now: Date },
): Promise<void> {
  const place = { ...cursor, updatedAt: now };
  await tx
    .insert(stream)
    .values({ hubId, epoch, lane, ...place })
    .onConflictDoUpdate({ target: [stream.hubId, stream.epoch, stream.lane], set: place });
}

/** The one lawful jump: this store came back from a dump, and the hub has deleted what it had acknowledged. */
function lostGap(lane: Lane, from: number, to: number): Gap {
  return { lane, from, to, reason: 'cloud_rollback', rows: to - from + 1, bytes: 0, firstAt: null, lastAt: null };
}

async function storeGaps(
  tx: Tx,
  {
    gaps,
    now,
    ...place
  }: { hubId: string; householdId: string | null; epoch: string; gaps: readonly Gap[]; now: Date },
): Promise<void> {
  if (gaps.length === 0) return;
  await tx.insert(gapTable).values(
    gaps.map(({ lane, from, to, reason, rows, bytes, firstAt, lastAt }) => ({
      ...place,
      lane,
      fromSeq: from,
      toSeq: to,
      reason,
      rows,
      bytes,
      firstAt: firstAt === null ? null : inCalendar(Date.parse(firstAt)),
      lastAt: lastAt === null ? null : inCalendar(Date.parse(lastAt)),
      receivedAt: now,
    })),
  );
}
