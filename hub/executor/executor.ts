import type { Logger } from 'pino';
import { AT_MOST_ONCE_KINDS, type Command, type CommandKind, CommandSchema, parseJson } from '../../contract/index.js';
import type { Clock } from '../../hardware/index.js';
import { describeFailure, HubError } from '../errors.js';
import { Signal } from '../signal.js';
import type { CommandResult, Inbox, InboxRow } from '../storage/inbox.js';
import type { Ledger } from '../storage/ledger.js';
import { persist } from '../storage/persist.js';
import { presentationOf, SUPERSEDED } from './intake.js';
import { lineOf, overtakes } from './turns.js';

/**
 * settled: the effect has already committed the command's end together with its own. `also` joins that commit, `after`
 * comes after it, before the next command of the line, and may be cut short.
 */
export type Effect =
  | { settled: true }
  | { settled: false; result: CommandResult; also?: () => void; after?: () => Promise<void> };

/**
 * Does what a command says. The signal aborts when something newer of its line has come, or when the hub stops. `isOverdue`
 * is asked right before an effect that had to wait: what is late is not done, and fails as `command.deadline-passed`.
 */
export type Perform = (command: Command, signal: AbortSignal, isOverdue: () => boolean) => Promise<Effect>;

const MAX_ATTEMPTS = 3;
const AT_MOST_ONCE = new Set<string>(AT_MOST_ONCE_KINDS);
/** A store that cannot be read is not asked without end. */
const REST_MS = 5000;
/**
 * Nothing outside the store is touched, and what they change is committed together with their end: they are not begun
 * before, so that a power cut cannot leave them half done, and never run again.
 */
const WITHIN_ONE_COMMIT = new Set<string>(['unbound', 'config'] satisfies readonly CommandKind[]);

const LATE = 'command.deadline-passed';
const STATE_OF_FAILURE: Readonly<Record<string, CommandResult['state']>> = {
  'display.superseded': 'superseded',
  [LATE]: 'expired',
};
/** A timer cannot wait for a month. */
const LONGEST_WAIT_MS = 24 * 60 * 60 * 1000;

type Running = { row: InboxRow; controller: AbortController };

/** Takes commands from the inbox: per line one at a time, of a slot by rising revision, lines beside each other. */
export class Executor {
  readonly #inbox: Inbox;
  readonly #ledger: Pick<Ledger, 'endCommand'>;
  readonly #perform: Perform;
  readonly #clock: Pick<Clock, 'sleep'>;
  readonly #log: Logger;
  readonly #wake = new Signal();
  readonly #running = new Map<string, Running>();
  readonly #work = new Set<Promise<void>>();
  readonly #stopping = new AbortController();
  /** When the first command that waits behind another is over. */
  #soonestMs: number | undefined;
  #loop: Promise<void> | undefined;

  constructor(deps: {
    inbox: Inbox;
    ledger: Pick<Ledger, 'endCommand'>;
    perform: Perform;
    clock: Pick<Clock, 'sleep'>;
    log: Logger;
  }) {
    this.#inbox = deps.inbox;
    this.#ledger = deps.ledger;
    this.#perform = deps.perform;
    this.#clock = deps.clock;
    this.#log = deps.log;
  }

  start(): void {
    try {
      this.#recover();
    } catch (error) {
      this.#log.error({ err: error }, 'interrupted commands are left for the next start');
    }
    this.#inbox.onNew(() => this.#wake.notify());
    this.#wake.notify();
    this.#loop ??= this.#run();
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    this.#wake.notify();
    await this.#loop;
    await Promise.all(this.#work);
  }

  /** What a stopped process left in the middle runs again or never, by its kind. */
  #recover(): void {
    for (const row of this.#inbox.interrupted()) {
      if (AT_MOST_ONCE.has(row.kind)) {
        const message = 'the hub stopped in the middle of it';
        this.#ledger.endCommand(row.cmdId, { state: 'unknown', code: 'command.interrupted', message });
      } else if (this.#inbox.isOutdated(row)) {
        this.#ledger.endCommand(row.cmdId, SUPERSEDED);
      } else if (row.attempts >= MAX_ATTEMPTS) {
        const message = `started ${row.attempts} times, limit ${MAX_ATTEMPTS}`;
        this.#ledger.endCommand(row.cmdId, { state: 'failed', code: 'command.too-many-attempts', message });
      } else {
        this.#inbox.reopen(row.cmdId);
      }
    }
  }

  async #run(): Promise<void> {
    while (!this.#stopping.signal.aborted) {
      await this.#nextTurn();
      if (this.#stopping.signal.aborted) return;
      try {
        for (const row of this.#inbox.waiting()) this.#consider(row);
      } catch (error) {
        this.#log.error({ err: error }, 'inbox not readable');
        await this.#rest();
        this.#wake.notify();
      }
    }
  }

  /** Something has come or ended, or the time of a command is over that waits behind another. */
  async #nextTurn(): Promise<void> {
    const leftMs = this.#soonestMs;
    this.#soonestMs = undefined;
    if (leftMs === undefined) await this.#wake.wait();
    else await this.#wake.waitAtMost(Math.min(leftMs, LONGEST_WAIT_MS), this.#clock, this.#stopping.signal);
  }

  #consider(row: InboxRow): void {
    const leftMs = this.#inbox.leftMs(row);
    if (leftMs === 0) {
      const message = 'its time was over before it could start';
      this.#ledger.endCommand(row.cmdId, { state: 'expired', code: LATE, message });
      return;
    }
    const line = lineOf(row);
    const running = this.#running.get(line);
    if (running !== undefined) {
      if (overtakes(row, running.row)) running.controller.abort(supersededBy(row));
      if (leftMs !== undefined) this.#soonestMs = Math.min(leftMs, this.#soonestMs ?? leftMs);
      return;
    }
    const controller = new AbortController();
    this.#running.set(line, { row, controller });
    const work = this.#execute(row, AbortSignal.any([controller.signal, this.#stopping.signal])).finally(() => {
      this.#running.delete(line);
      this.#work.delete(work);
      this.#wake.notify();
    });
    this.#work.add(work);
  }

  /** Never rejects: whatever a command does, the process lives. */
  async #execute(row: InboxRow, signal: AbortSignal): Promise<void> {
    const log = this.#log.child({ cmdId: row.cmdId, kind: row.kind });
    try {
      const effect = await this.#effectOf(row, signal);
      // A presentation that was asked for again ends with its newer command, and leaves this one behind.
      if (effect.settled && signal.aborted && !this.#stopping.signal.aborted) {
        this.#ledger.endCommand(row.cmdId, SUPERSEDED);
      }
      if (this.#stopping.signal.aborted && (effect.settled || effect.result.state !== 'applied')) {
        this.#giveBack(row);
        return;
      }
      if (effect.settled) return;
      const more = effect.also === undefined ? {} : { also: effect.also };
      const { signal: stopping } = this.#stopping;
      const within = { clock: this.#clock, log, signal: stopping };
      await persist(() => this.#ledger.endCommand(row.cmdId, effect.result, more), within);
      log.info({ state: effect.result.state, code: effect.result.code }, 'command ended');
      await effect.after?.();
    } catch (error) {
      if (this.#stopping.signal.aborted) return;
      // Stays as it is: the next start of the hub decides by its kind.
      log.error({ err: error }, 'end of a command not stored');
      // One that could not even begin would otherwise be tried without end.
      await this.#rest();
    }
  }

  /** The hub stops: what has no end yet is no failure, and the next start has as many attempts for it as this one. */
  #giveBack(row: InboxRow): void {
    // Those others are ended by the next start.
    if (!AT_MOST_ONCE.has(row.kind) && !this.#inbox.isOutdated(row)) this.#inbox.giveBack(row.cmdId);
  }

  async #rest(): Promise<void> {
    await this.#clock.sleep(REST_MS, this.#stopping.signal).catch(() => undefined);
  }

  async #effectOf(row: InboxRow, signal: AbortSignal): Promise<Effect> {
    const command = parseJson(CommandSchema, row.body);
    if (!command.ok) {
      const message = command.refusals.map(({ path, reason }) => `${path}: ${reason}`).join('; ');
      return { settled: false, result: { state: 'failed', code: 'command.invalid-body', message } };
    }
    if (!WITHIN_ONE_COMMIT.has(row.kind)) this.#inbox.start(row.cmdId);
    try {
      const effect = await this.#perform(command.value, signal, () => this.#inbox.isOverdue(row));
      return effect.settled || effect.result.code !== LATE ? effect : lateBy(effect.result);
    } catch (error) {
      const why = describeFailure(error, 'command.failed');
      return { settled: false, result: { state: STATE_OF_FAILURE[why.code] ?? 'failed', ...why } };
    }
  }
}

function lateBy(result: CommandResult): Effect {
  return { settled: false, result: { ...result, state: 'expired' } };
}

function supersededBy(row: InboxRow): HubError {
  const command = parseJson(CommandSchema, row.body);
  const by = command.ok ? presentationOf(command.value) : null;
  return new HubError('display.superseded', `replaced by command ${row.cmdId}`, { details: { by } });
}
