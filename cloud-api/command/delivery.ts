import { and, asc, eq, gt, inArray, isNotNull, lt, lte, min, notInArray, sql } from 'drizzle-orm';
import { AT_MOST_ONCE_KINDS, type Command, type HubEvent, type Tombstone } from '../../contract/index.js';
import type { CloudContext } from '../context.js';
import { isDataError } from '../database/data-error.js';
import { asSystem, type Tx } from '../database/database.js';
import { hub } from '../device/tables.js';
import { Grouped } from '../grouped.js';
import type { CommandChange } from '../sync/presentation-port.js';
import type { Commands } from './commands.js';
import { command } from './tables.js';

type CommandRow = typeof command.$inferSelect;
type CommandResult = Extract<HubEvent, { type: 'cmd.result' }>['body'];

/** What a hub is offered: each command in its place, or one line that keeps the place of one that is over. */
export type Offer = { down: (Command | Tombstone)[]; changes: CommandChange[] };

/** After a deadline, so long a result is still on its way. */
const GRACE_MS = 60_000;
/** A reply stays well under what a hub reads at once. */
const OFFER_BYTES = 512 * 1024;
const MOST_PUBLISHED = 500;
const HUBS_PER_SWEEP = 500;
/** The others find out by themselves when they sync next. */
const MOST_HINTS = 1000;

const RESULT_STATES = {
  applied: 'APPLIED',
  failed: 'FAILED',
  superseded: 'SUPERSEDED',
  expired: 'EXPIRED',
  unknown: 'UNKNOWN',
} as const satisfies Record<CommandResult['state'], CommandRow['state']>;

/** The way of commands after they were written: offered, received, ended. All run in the transaction of a sync. */
export class Delivery {
  readonly #context: Pick<CloudContext, 'clock' | 'db'>;
  readonly #commands: Pick<Commands, 'toWire'>;
  readonly #published: Grouped<string, undefined>;

  constructor(context: Pick<CloudContext, 'clock' | 'db'>, { commands }: { commands: Pick<Commands, 'toWire'> }) {
    this.#context = context;
    this.#commands = commands;
    this.#published = new Grouped({
      most: MOST_PUBLISHED,
      run: (cmdIds) => this.#notePublished(cmdIds),
      isItemsFault: isDataError,
    });
  }

  /** A command went out on MQTT. Resolves once that is noted, together with others that went out meanwhile. */
  async notePublished(cmdId: string): Promise<void> {
    await this.#published.add(cmdId);
  }

  async #notePublished(cmdIds: readonly string[]): Promise<undefined[]> {
    const ids = sql.param([...cmdIds]);
    const at = sql`${this.#now().toISOString()}::timestamptz`;
    // As in the sweep: whoever changes commands holds their hubs first, in the order of ids.
    await asSystem(this.#context.db, (tx) =>
      tx.execute(sql`with sent as materialized (
          select id, hub_id from command where id = any(${ids}::uuid[])
        ), held as materialized (
          select id from hub where id in (select hub_id from sent) order by id for no key update
        ) update command set state = 'OFFERED', path = 'mqtt', offered_at = ${at} from sent join held on held.id = sent.hub_id
        where command.id = sent.id and command.state = 'QUEUED'`),
    );
    return cmdIds.map(() => undefined);
  }

  /** The things of hubs for which commands wait that were never sent: whoever was to send them was away. */
  async waitedFor(tx: Tx): Promise<string[]> {
    const rows = await tx
      .selectDistinct({ thingName: hub.thingName })
      .from(command)
      .innerJoin(hub, eq(hub.id, command.hubId))
      .where(eq(command.state, 'QUEUED'))
      .limit(MOST_HINTS);
    return rows.map(({ thingName }) => thingName);
  }

  /** Every command up to `downAcked` is in the hub's inbox. */
  async noteReceived(tx: Tx, hubId: string, downAcked: number): Promise<CommandChange[]> {
    const rows = await tx
      .update(command)
      .set({ state: 'RECEIVED', path: 'sync', receivedAt: this.#now() })
      .where(
        and(eq(command.hubId, hubId), lte(command.downSeq, downAcked), inArray(command.state, ['QUEUED', 'OFFERED'])),
      )
      .returning({ cmdId: command.id, kind: command.kind });
    return rows.map((row) => ({ ...row, state: 'RECEIVED', code: null, message: null }));
  }

  /** A hub tells what became of a command. The first result stands; it wins over what the cloud had guessed. */
  async applyResult(tx: Tx, hubId: string, result: CommandResult): Promise<CommandChange[]> {
    const { cmdId, code, message } = result;
    const state = RESULT_STATES[result.state];
    const rows = await tx
      .update(command)
      .set({ state, path: 'sync', code, message, endedAt: this.#now() })
      .where(and(eq(command.id, cmdId), eq(command.hubId, hubId), notInArray(command.state, ['APPLIED', 'FAILED'])))
      .returning({ kind: command.kind });
    return rows.map(({ kind }) => ({ cmdId, kind, state, code, message }));
  }

  /** What the hub has not got above `cursor`, in order, at most `limit`. */
  async offer(
    tx: Tx,
    { hubId, gen, cursor, limit }: { hubId: string; gen: string; cursor: number; limit: number },
  ): Promise<Offer> {
    const rows = await tx
      .select()
      .from(command)
      .where(and(eq(command.hubId, hubId), gt(command.downSeq, cursor)))
      .orderBy(asc(command.downSeq))
      .limit(limit);
    const down: Offer['down'] = [];
    const changes: CommandChange[] = [];
    const offered: string[] = [];
    let bytes = 0;
    for (const row of rows) {
      const end = endedBy(row, this.#context.clock.now());
      if (end !== undefined) {
        down.push(tombstone(row, gen, end === 'EXPIRED' || end === 'UNKNOWN' ? 'expired' : 'superseded'));
        if (end !== row.state)
          changes.push({ cmdId: row.id, kind: row.kind, state: end, code: 'command.deadline', message: null });
        continue;
      }
      const wire = this.#commands.toWire(row, gen);
      bytes += JSON.stringify(wire).length;
      if (bytes > OFFER_BYTES && down.length > 0) break;
      down.push(wire);
      offered.push(row.id);
    }
    const now = this.#now();
    if (offered.length > 0) {
      const waiting = and(inArray(command.id, offered), eq(command.state, 'QUEUED'));
      await tx.update(command).set({ state: 'OFFERED', path: 'sync', offeredAt: now }).where(waiting);
    }
    for (const { cmdId, state, code } of changes) {
      await tx.update(command).set({ state, path: 'cloud', code, endedAt: now }).where(eq(command.id, cmdId));
    }
    return { down, changes };
  }

  /** Up to here every command is over and received: the hub may forget them. */
  async finalUpto(tx: Tx, hubId: string, downAcked: number): Promise<number> {
    const [row] = await tx
      .select({ first: min(command.downSeq) })
      .from(command)
      .where(and(eq(command.hubId, hubId), inArray(command.state, ['QUEUED', 'OFFERED', 'RECEIVED'])));
    return Math.min(downAcked, (row?.first ?? downAcked + 1) - 1);
  }

  /**
   * Ends what is past its deadline without a word of its hub as unknown: it may have run, also if nobody noted that it
   * was sent, since whoever pushed it may have died before. A later result still wins.
   */
  async sweep(tx: Tx): Promise<(CommandChange & { hubId: string; householdId: string | null })[]> {
    const over = and(
      isNotNull(command.deadlineAt),
      lt(command.deadlineAt, new Date(this.#context.clock.now() - GRACE_MS)),
      inArray(command.state, ['QUEUED', 'OFFERED', 'RECEIVED']),
    );
    const due = tx.selectDistinct({ hubId: command.hubId }).from(command).where(over).limit(HUBS_PER_SWEEP);
    // Whoever changes commands holds their hub first, so that nobody waits in a circle; a hub at work has its turn later.
    const held = await tx
      .select({ id: hub.id })
      .from(hub)
      .where(inArray(hub.id, due))
      .orderBy(asc(hub.id))
      .for('update', { skipLocked: true });
    if (held.length === 0) return [];
    const hubIds = held.map(({ id }) => id);
    const rows = await tx
      .update(command)
      .set({
        state: 'UNKNOWN',
        path: 'cloud',
        code: 'command.deadline',
        endedAt: this.#now(),
      })
      .where(and(over, inArray(command.hubId, hubIds)))
      .returning();
    return rows.map(({ id, kind, hubId, householdId }) => {
      return { cmdId: id, kind, state: 'UNKNOWN', code: 'command.deadline', message: null, hubId, householdId };
    });
  }

  #now(): Date {
    return new Date(this.#context.clock.now());
  }
}

/** The state in which a row that the hub lacks is over; undefined if it is still to be carried out. */
function endedBy(
  row: CommandRow,
  nowMs: number,
): 'APPLIED' | 'FAILED' | 'SUPERSEDED' | 'EXPIRED' | 'UNKNOWN' | undefined {
  if (row.state !== 'QUEUED' && row.state !== 'OFFERED' && row.state !== 'RECEIVED') return row.state;
  // The hub had it once and has lost its inbox since: it may have run.
  if (row.state === 'RECEIVED' && AT_MOST_ONCE_KINDS.some((kind) => kind === row.kind)) return 'UNKNOWN';
  if (row.deadlineAt === null || row.deadlineAt.getTime() > nowMs) return undefined;
  return row.state === 'QUEUED' ? 'EXPIRED' : 'UNKNOWN';
}

function tombstone(row: CommandRow, gen: string, reason: Tombstone['tombstone']): Tombstone {
  const { id, downSeq, slot, rev } = row;
  return { v: 1, gen, cmdId: id, downSeq, slot, rev, tombstone: reason };
}
