import assert from 'node:assert';
import { and, eq, inArray, sql } from 'drizzle-orm';
import { type Command, type CommandKind, CommandSchema } from '../../contract/index.js';
import type { CloudContext } from '../context.js';
import { afterCommit, type Tx } from '../database/database.js';
import { hub } from '../device/tables.js';
import { CloudError } from '../errors.js';
import type { CommandChange } from '../sync/presentation-port.js';
import { command } from './tables.js';
import { type Superseded, writeCommands } from './write-commands.js';

/** Carries a committed command to its hub. A hint: what is lost on the way comes with the next sync. */
export type CommandPublisher = { publish: (thingName: string, command: Command) => void };

/** Keeps what is secret in a body out of the store, and brings it back when the command is sent. */
export type SecretBodies = {
  conceal: (kind: CommandKind, body: unknown) => unknown;
  reveal: (row: { hubId: string; kind: string; body: unknown }) => unknown;
};

type BodyOf<K extends CommandKind> = Extract<Command, { kind: K }>['body'];

export type NewCommand<K extends CommandKind = CommandKind> = {
  hubId: string;
  /** Null while nobody has bound the hub. */
  householdId: string | null;
  /** What the command sets, e.g. `frame:{displayId}`; a newer one supersedes those not yet received. */
  slot: string;
  /** Another slot whose commands are over with this one. */
  endsSlot?: string | undefined;
  kind: K;
  body: BodyOf<K>;
  /** After this moment it is not carried out any more. */
  deadlineAt?: Date | undefined;
};

/** Where in the down sequence of its hub a command stands, and under which name the hub hears it. */
type Place = { thingName: string; downSeq: number };

type CommandRow = typeof command.$inferSelect;

export class Commands {
  readonly #context: Pick<CloudContext, 'clock' | 'newId'>;
  readonly #publisher: CommandPublisher;
  readonly #secrets: SecretBodies;

  constructor(
    context: Pick<CloudContext, 'clock' | 'newId'>,
    parts: { publisher: CommandPublisher; secrets: SecretBodies },
  ) {
    this.#context = context;
    this.#publisher = parts.publisher;
    this.#secrets = parts.secrets;
  }

  /**
   * Writes a command with its place in the hub's down sequence, inside the caller's transaction, and publishes it once
   * that has committed. The hub's row stays locked until then, so that places are given in the order of commits.
   */
  async enqueueCommand<K extends CommandKind>(
    tx: Tx,
    { hubId, householdId, slot, endsSlot, kind, body, deadlineAt }: NewCommand<K>,
  ): Promise<{ command: Command; superseded: Superseded[] }> {
    const [place] = await tx
      .update(hub)
      .set({ downNext: sql`${hub.downNext} + 1` })
      .where(eq(hub.id, hubId))
      .returning({ thingName: hub.thingName, downNext: hub.downNext });
    if (place === undefined) throw new CloudError('hub_not_found', 'No hub has this id.');
    const order = { hubId, householdId, slot, endsSlot, kind, body, deadlineAt };
    const [made] = await this.writeInPlaces(tx, [
      { ...order, thingName: place.thingName, downSeq: place.downNext - 1 },
    ]);
    assert(made !== undefined);
    return made;
  }

  /**
   * Writes commands in places that were given to them in the same transaction, under the locks of their hubs, no two of
   * one slot, and publishes each once that has committed. One answer for each, in their order.
   */
  async writeInPlaces(
    tx: Tx,
    orders: readonly (NewCommand & Place)[],
  ): Promise<{ command: Command; superseded: Superseded[] }[]> {
    const queuedAt = new Date(this.#context.clock.now());
    const rows = orders.map(({ kind, body, deadlineAt = null, endsSlot = null, ...order }) => {
      const stored = { ...order, kind, body: this.#secrets.conceal(kind, body), endsSlot, deadlineAt };
      return { ...stored, id: this.#context.newId(), queuedAt };
    });
    const written = await writeCommands(tx, rows);
    return rows.flatMap((row) => {
      const { rev, gen, superseded } = written.get(row.id) ?? {};
      if (rev === undefined || gen === undefined) return [];
      const command = this.toWire({ ...row, rev }, gen);
      afterCommit(tx, () => this.#publisher.publish(row.thingName, command));
      return [{ command, superseded: superseded ?? [] }];
    });
  }

  /**
   * Takes back every command of a hub that is not over: a hub that has lost its store must not be given again what
   * another household asked for. What it has carried out meanwhile it still tells.
   */
  async withdrawAll(tx: Tx, hubId: string): Promise<CommandChange[]> {
    const rows = await tx
      .update(command)
      .set({
        state: 'SUPERSEDED',
        path: 'cloud',
        code: 'command.withdrawn',
        endedAt: new Date(this.#context.clock.now()),
      })
      .where(and(eq(command.hubId, hubId), inArray(command.state, ['QUEUED', 'OFFERED', 'RECEIVED'])))
      .returning({ cmdId: command.id, kind: command.kind });
    return rows.map((row) => ({ ...row, state: 'SUPERSEDED', code: 'command.withdrawn', message: null }));
  }

  /** The command as its hub reads it, its deadline as the span that is left now. */
  toWire(
    row: Pick<CommandRow, 'id' | 'hubId' | 'downSeq' | 'slot' | 'rev' | 'kind' | 'body' | 'deadlineAt' | 'queuedAt'>,
    gen: string,
  ): Command {
    const remainingMs = row.deadlineAt && Math.max(0, row.deadlineAt.getTime() - this.#context.clock.now());
    return CommandSchema.parse({
      v: 1,
      gen,
      cmdId: row.id,
      downSeq: row.downSeq,
      slot: row.slot,
      rev: row.rev,
      issuedAt: row.queuedAt.toISOString(),
      deadlineAt: row.deadlineAt?.toISOString() ?? null,
      remainingMs,
      kind: row.kind,
      body: this.#secrets.reveal(row),
    });
  }
}
