import { and, eq, inArray, lt, max, or, sql } from 'drizzle-orm';
import { type Command, type CommandKind, CommandSchema } from '../../contract/index.js';
import type { CloudContext } from '../context.js';
import { afterCommit, type Tx } from '../database/database.js';
import { readGeneration } from '../database/generation.js';
import { hub } from '../device/tables.js';
import { CloudError } from '../errors.js';
import type { CommandChange } from '../sync/presentation-port.js';
import { command } from './tables.js';

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
  deadlineAt?: Date;
};

/** A command that a newer one of its slot replaced before its hub had it. */
export type Superseded = { cmdId: string; kind: string };

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
    const now = new Date(this.#context.clock.now());
    const [place] = await tx
      .update(hub)
      .set({ downNext: sql`${hub.downNext} + 1` })
      .where(eq(hub.id, hubId))
      .returning({ thingName: hub.thingName, downNext: hub.downNext });
    if (place === undefined) throw new CloudError('hub_not_found', 'No hub has this id.');
    const [last] = await tx
      .select({ rev: max(command.rev) })
      .from(command)
      .where(and(eq(command.hubId, hubId), eq(command.slot, slot)));
    // Revisions follow the clock, so that they rise for the hub even after this store came back from a dump.
    const rev = Math.max((last?.rev ?? 0) + 1, now.getTime());
    const superseded = await tx
      .update(command)
      .set({ state: 'SUPERSEDED', path: 'cloud', endedAt: now })
      .where(
        and(
          eq(command.hubId, hubId),
          or(
            and(eq(command.slot, slot), lt(command.rev, rev)),
            endsSlot === undefined ? undefined : eq(command.slot, endsSlot),
          ),
          inArray(command.state, ['QUEUED', 'OFFERED']),
        ),
      )
      .returning({ cmdId: command.id, kind: command.kind });
    const row = {
      id: this.#context.newId(),
      householdId,
      hubId,
      downSeq: place.downNext - 1,
      slot,
      rev,
      kind,
      body: this.#secrets.conceal(kind, body),
      state: 'QUEUED' as const,
      path: 'cloud' as const,
      deadlineAt: deadlineAt ?? null,
      queuedAt: now,
    };
    await tx.insert(command).values(row);
    const made = this.toWire(row, await readGeneration(tx));
    afterCommit(tx, () => this.#publisher.publish(place.thingName, made));
    return { command: made, superseded };
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
