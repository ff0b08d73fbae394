import { z } from 'zod';
import type { Boot } from '../boot.js';
import type { Database } from './database.js';
import type { Meta } from './meta.js';

const ResultSchema = z.object({
  state: z.enum(['applied', 'failed', 'superseded', 'expired', 'unknown']),
  code: z.string().nullable(),
  message: z.string().nullable(),
});

/** How a command ended, as `cmd.result` tells the cloud. */
export type CommandResult = z.infer<typeof ResultSchema>;

/** More commands than a cloud hands to one hub between two of its backups. */
const REMEMBERED = 2_000;

/** What every command carries around its body. */
export type Envelope = {
  gen: string;
  cmdId: string;
  downSeq: number;
  slot: string;
  rev: number;
};

export type InboxRow = Envelope & {
  kind: string;
  state: 'NEW' | 'STARTED' | 'DONE';
  attempts: number;
  deadlineBoot: string | null;
  deadlineMonoMs: number | null;
  deadlineWallMs: number | null;
  /** JSON of the whole command as it came. */
  body: string;
};

/** What comes with an envelope. The span counts on this boot's clock, the cloud's time on any later boot's. */
export type NewCommand = { kind: string; body: string; remainingMs: number | null; deadlineAtMs: number | null };

const TRUSTED = 2;

/** Whether `one` sets its slot later than `other`: a newer incarnation of the cloud goes before any revision. */
export function isNewer(one: Pick<Envelope, 'gen' | 'rev'>, other: Pick<Envelope, 'gen' | 'rev'>): boolean {
  return one.gen > other.gen || (one.gen === other.gen && one.rev > other.rev);
}

/** The commands of the cloud: each is here before it is acknowledged, and stays until the cloud knows its end. */
export class Inbox {
  readonly #database: Database;
  readonly #meta: Meta;
  readonly #boot: Boot;
  readonly #statements;
  readonly #notify = () => this.#listener?.();
  #listener: (() => void) | undefined;

  constructor(deps: { database: Database; meta: Meta; boot: Boot }) {
    this.#database = deps.database;
    this.#meta = deps.meta;
    this.#boot = deps.boot;
    this.#statements = prepareAll(deps.database);
  }

  /** Called after each commit that brought a command to run. */
  onNew(listener: () => void): void {
    this.#listener = listener;
  }

  /** The incarnation of the cloud's store, and up to where every command of it is here. */
  cursor(): { gen: string | null; downAcked: number } {
    return { gen: this.#meta.get('down_gen') ?? null, downAcked: this.#meta.number('down_acked') ?? 0 };
  }

  /** Follows the cloud into a newer incarnation; false if the named one is older than the known one. */
  enterGen(gen: string): boolean {
    this.#database.assertWriting();
    const known = this.cursor().gen;
    if (known !== null && gen < known) return false;
    if (known === null || gen > known) {
      this.#meta.set('down_gen', gen);
      for (const key of ['down_acked', 'down_over', 'down_lost'] as const) this.#meta.set(key, '0');
      this.#advance();
    }
    return true;
  }

  get(cmdId: string): InboxRow | undefined {
    return this.#statements.get.get(cmdId);
  }

  /** How an ended command ended. */
  resultOf(cmdId: string): CommandResult | undefined {
    const json = this.#statements.result.get(cmdId)?.result ?? undefined;
    return json === undefined ? undefined : ResultSchema.parse(JSON.parse(json));
  }

  /** Puts a command in; part of the transaction that is open. Its place must not be taken by another command. */
  insert(envelope: Envelope, command: NewCommand): void {
    this.#database.assertWriting();
    const now = this.#boot.now();
    const { remainingMs, deadlineAtMs } = command;
    this.#statements.insert.run({
      ...envelope,
      kind: command.kind,
      body: command.body,
      deadlineBoot: remainingMs === null ? null : now.boot,
      deadlineMonoMs: remainingMs === null ? null : now.monoMs + remainingMs,
      deadlineWallMs: remainingMs === null ? null : deadlineAtMs,
    });
    this.#statements.raiseSlot.run(envelope);
    this.#advance();
    this.#database.afterCommit(this.#notify);
  }

  /** Whether a command is here under this place of the down sequence. */
  holds(gen: string, downSeq: number): boolean {
    return this.#statements.at.get(gen, downSeq) !== undefined;
  }

  /** A command that a restored cloud offers again under a new place is the same command. */
  replace(envelope: Envelope): void {
    this.#database.assertWriting();
    this.#statements.place.run(envelope.gen, envelope.downSeq, envelope.cmdId);
    this.#statements.raiseSlot.run(envelope);
    this.#advance();
  }

  /** Whether a newer revision of the slot is or was here. */
  isOutdated(envelope: Envelope): boolean {
    const newest = this.#statements.slot.get(envelope.slot);
    return newest !== undefined && isNewer(newest, envelope);
  }

  /** Whether a command that is not here was here before the card lost it: it may have run. */
  isLost({ gen, downSeq }: Pick<Envelope, 'gen' | 'downSeq'>): boolean {
    return gen === this.cursor().gen && downSeq <= (this.#meta.number('down_lost') ?? 0);
  }

  /** Commands of the slot that wait for their turn. */
  waitingIn(slot: string): InboxRow[] {
    return this.#statements.waitingIn.all(slot);
  }

  /** Every command that waits, in the order in which they may run. */
  waiting(): InboxRow[] {
    return this.#statements.waiting.all();
  }

  /** Commands that a stopped process left in the middle. */
  interrupted(): InboxRow[] {
    return this.#statements.interrupted.all();
  }

  isOverdue(row: InboxRow): boolean {
    return this.leftMs(row) === 0;
  }

  /** How long until a command may no longer be begun; undefined: it has no deadline, or nobody can tell. */
  leftMs(row: InboxRow): number | undefined {
    const { deadlineBoot, deadlineMonoMs, deadlineWallMs } = row;
    if (deadlineBoot === null) return undefined;
    const now = this.#boot.now();
    if (deadlineBoot === now.boot) return Math.max(0, (deadlineMonoMs ?? 0) - now.monoMs);
    // Another boot's monotonic time says nothing, and an untrusted wall clock never expires anything.
    if (deadlineWallMs === null || now.wq !== TRUSTED) return undefined;
    return Math.max(0, deadlineWallMs - now.wallMs);
  }

  /** On disk before the first effect. */
  start(cmdId: string): void {
    this.#database.write(() => this.#statements.start.run(cmdId));
  }

  /** Lets an interrupted command run again; its attempts stay counted. */
  reopen(cmdId: string): void {
    this.#database.write(() => this.#statements.reopen.run(cmdId));
  }

  /** Lets a command that was begun and has done nothing yet run again, as if it had not been begun. */
  giveBack(cmdId: string): void {
    this.#database.write(() => this.#statements.giveBack.run(cmdId));
  }

  /** Ends a command for good; part of the transaction that also holds the event. False if it had ended before. */
  finish(cmdId: string, result: CommandResult): boolean {
    this.#database.assertWriting();
    return this.#statements.finish.run(JSON.stringify(result), cmdId).changes === 1;
  }

  /**
   * Forgets what ended commands said that the cloud will not ask about again. Of the last of them it is kept that they
   * were here, and how they ended: a cloud that comes back from a backup offers them once more.
   */
  forget(finalUpto: number): void {
    this.#database.assertWriting();
    const { gen, downAcked } = this.cursor();
    if (gen === null) return;
    const over = Math.min(finalUpto, downAcked);
    const { changes } = this.#statements.forget.run(gen, over);
    if (changes === 0) return;
    this.#meta.set('down_over', String(over));
    this.#statements.prune.run(REMEMBERED);
  }

  /** Forgets what commands said that came no later than this one and are over; that they were here is kept. */
  redact({ gen, downSeq }: Pick<Envelope, 'gen' | 'downSeq'>): void {
    this.#database.assertWriting();
    this.#statements.redact.run(gen, gen, downSeq);
  }

  #advance(): void {
    const { gen, downAcked } = this.cursor();
    if (gen === null) return;
    let next = downAcked;
    while (this.holds(gen, next + 1)) next += 1;
    if (next !== downAcked) this.#meta.set('down_acked', String(next));
  }
}

const COLUMNS = `cmd_id AS cmdId, gen, down_seq AS downSeq, slot, rev, kind, state, attempts, body,
  deadline_boot AS deadlineBoot, deadline_mono_ms AS deadlineMonoMs, deadline_wall_ms AS deadlineWallMs`;

function prepareAll(database: Database) {
  const select = (where: string) => `SELECT ${COLUMNS} FROM inbox WHERE ${where}`;
  return {
    get: database.prepare<[string], InboxRow>(select('cmd_id = ?')),
    result: database.prepare<[string], { result: string | null }>('SELECT result FROM inbox WHERE cmd_id = ?'),
    at: database.prepare<[string, number], { cmdId: string }>(
      'SELECT cmd_id AS cmdId FROM inbox WHERE gen = ? AND down_seq = ?',
    ),
    insert: database.prepare<[Record<string, unknown>]>(
      `INSERT INTO inbox (cmd_id, gen, down_seq, slot, rev, kind, deadline_boot, deadline_mono_ms, deadline_wall_ms,
         state, attempts, result, body)
       VALUES (@cmdId, @gen, @downSeq, @slot, @rev, @kind, @deadlineBoot, @deadlineMonoMs, @deadlineWallMs,
         'NEW', 0, NULL, @body)`,
    ),
    place: database.prepare<[string, number, string]>('UPDATE inbox SET gen = ?, down_seq = ? WHERE cmd_id = ?'),
    slot: database.prepare<[string], { gen: string; rev: number }>('SELECT gen, rev FROM slot WHERE slot = ?'),
    raiseSlot: database.prepare<[Envelope]>(
      `INSERT INTO slot (slot, gen, rev) VALUES (@slot, @gen, @rev)
       ON CONFLICT (slot) DO UPDATE SET gen = excluded.gen, rev = excluded.rev
       WHERE excluded.gen > gen OR (excluded.gen = gen AND excluded.rev > rev)`,
    ),
    waitingIn: database.prepare<[string], InboxRow>(`${select("slot = ? AND state = 'NEW'")} ORDER BY gen, rev`),
    waiting: database.prepare<[], InboxRow>(`${select("state = 'NEW'")} ORDER BY gen, down_seq`),
    interrupted: database.prepare<[], InboxRow>(`${select("state = 'STARTED'")} ORDER BY gen, down_seq`),
    start: database.prepare<[string]>(
      "UPDATE inbox SET state = 'STARTED', attempts = attempts + 1 WHERE cmd_id = ? AND state = 'NEW'",
    ),
    reopen: database.prepare<[string]>("UPDATE inbox SET state = 'NEW' WHERE cmd_id = ? AND state = 'STARTED'"),
    giveBack: database.prepare<[string]>(
      "UPDATE inbox SET state = 'NEW', attempts = attempts - 1 WHERE cmd_id = ? AND state = 'STARTED'",
    ),
    finish: database.prepare<[string, string]>(
      "UPDATE inbox SET state = 'DONE', result = ? WHERE cmd_id = ? AND state <> 'DONE'",
    ),
    redact: database.prepare<[string, string, number]>(
      "UPDATE inbox SET body = '' WHERE state = 'DONE' AND (gen < ? OR (gen = ? AND down_seq <= ?))",
    ),
    forget: database.prepare<[string, number]>(
      "UPDATE inbox SET body = '' WHERE gen = ? AND down_seq <= ? AND state = 'DONE' AND body <> ''",
    ),
    // Ids rise with time.
    prune: database.prepare<[number]>(
      `DELETE FROM inbox WHERE state = 'DONE' AND body = '' AND cmd_id <= (
         SELECT cmd_id FROM inbox WHERE state = 'DONE' AND body = '' ORDER BY cmd_id DESC LIMIT 1 OFFSET ?
       )`,
    ),
  };
}
