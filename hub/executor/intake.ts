import type { Logger } from 'pino';
import {
  AT_MOST_ONCE_KINDS,
  type Command,
  CommandSchema,
  parseMessage,
  type Tombstone,
  TombstoneSchema,
  type UnknownCommand,
  UnknownCommandSchema,
} from '../../contract/index.js';
import type { Database } from '../storage/database.js';
import { type CommandResult, type Inbox, isNewer, type NewCommand } from '../storage/inbox.js';
import type { Ledger } from '../storage/ledger.js';

/**
 * new: here now · known: was here before · foreign: not of the incarnation that the last sync reply named ·
 * unreadable: not a command.
 */
export type Taken = 'new' | 'known' | 'foreign' | 'unreadable';

type Readable =
  | { form: 'command'; command: Command }
  | { form: 'tombstone'; command: Tombstone }
  | { form: 'refused'; command: UnknownCommand; result: CommandResult };

const AT_MOST_ONCE = new Set<string>(AT_MOST_ONCE_KINDS);
const KNOWN_KINDS = new Set<string>(CommandSchema.options.map((option) => option.shape.kind.value));

/** The one door of the inbox: what MQTT pushes and what a sync brings land in it under the same keys. */
export class Intake {
  readonly #database: Database;
  readonly #inbox: Inbox;
  readonly #ledger: Pick<Ledger, 'accept' | 'endCommand' | 'tellAgain'>;
  readonly #hasDisplay: (displayId: string) => boolean;
  readonly #log: Logger;

  constructor(deps: {
    database: Database;
    inbox: Inbox;
    ledger: Pick<Ledger, 'accept' | 'endCommand' | 'tellAgain'>;
    hasDisplay: (displayId: string) => boolean;
    log: Logger;
  }) {
    this.#database = deps.database;
    this.#inbox = deps.inbox;
    this.#ledger = deps.ledger;
    this.#hasDisplay = deps.hasDisplay;
    this.#log = deps.log;
  }

  /**
   * On disk when it returns, so that the sender may be answered.
   * @throws HubError `outbox.full`: then it was not taken
   */
  take(value: unknown): Taken {
    const readable = read(value);
    if (readable === undefined) {
      this.#log.warn({ refusals: parseRefusals(value) }, 'command unreadable');
      return 'unreadable';
    }
    return this.#database.write(() => this.#insert(readable));
  }

  #insert(readable: Readable): Taken {
    const { command } = readable;
    // Only a sync reply, the truth, moves the hub to another incarnation: a push is a hint, and one bad push would
    // otherwise leave the hub in an incarnation in which nothing true can reach it.
    const { gen, downAcked } = this.#inbox.cursor();
    if (command.gen !== gen) return 'foreign';
    const known = this.#inbox.get(command.cmdId);
    if (known !== undefined) {
      if (!this.#inbox.holds(command.gen, command.downSeq)) {
        this.#inbox.replace(command);
        // The cloud came back from a backup: it waits for an end of which it has been told.
        if ('kind' in command && known.state === 'DONE') this.#ledger.tellAgain(command.cmdId, command.kind);
      }
      if (readable.form === 'tombstone' && known.state === 'NEW') this.#bury(readable.command);
      return 'known';
    }
    // A push that was long under way: it was here, and may have been forgotten since.
    if (command.downSeq <= downAcked || this.#inbox.holds(command.gen, command.downSeq)) return 'known';
    const outdated = this.#inbox.isOutdated(command);
    this.#inbox.insert(command, {
      kind: 'kind' in command ? command.kind : 'tombstone',
      body: JSON.stringify(command),
      ...deadlineOf(command),
    });
    switch (readable.form) {
      case 'tombstone':
        // The cloud made this end itself and needs no event of it.
        this.#inbox.finish(command.cmdId, buried(readable.command));
        break;
      case 'refused':
        this.#ledger.endCommand(command.cmdId, readable.result);
        break;
      case 'command':
        this.#admit(readable.command, outdated);
        break;
    }
    return 'new';
  }

  #admit(command: Command, outdated: boolean): void {
    const { cmdId } = command;
    if (AT_MOST_ONCE.has(command.kind) && this.#inbox.isLost(command)) {
      this.#ledger.endCommand(cmdId, LOST);
      return;
    }
    if (command.kind === 'text' || command.kind === 'image') {
      const { displayId, presentationId, page, askedAt } = command.body;
      if (!this.#hasDisplay(displayId)) {
        const message = `this hub has no display ${displayId}`;
        this.#ledger.endCommand(cmdId, { state: 'failed', code: 'display.unknown', message });
        return;
      }
      const asked = { presentationId, displayId, cmdId, origin: 'cloud', page, askedMs: Date.parse(askedAt) } as const;
      this.#ledger.accept(asked, { overtaken: outdated });
    }
    if (outdated) this.#ledger.endCommand(cmdId, SUPERSEDED);
    const by = presentationOf(command);
    for (const older of this.#inbox.waitingIn(command.slot)) {
      if (isNewer(command, older)) this.#ledger.endCommand(older.cmdId, SUPERSEDED, { by });
    }
  }

  #bury(tombstone: Tombstone): void {
    this.#ledger.endCommand(tombstone.cmdId, buried(tombstone));
  }
}

/** The presentation that a command asks for, if it is of such a kind. */
export function presentationOf(command: Command): string | null {
  return command.kind === 'text' || command.kind === 'image' ? command.body.presentationId : null;
}

const LOST: CommandResult = {
  state: 'unknown',
  code: 'command.lost',
  message: 'the hub had received it before its card was damaged: it may have run',
};

export const SUPERSEDED: CommandResult = {
  state: 'superseded',
  code: 'command.superseded',
  message: 'a newer revision of the same slot took its place',
};

/** The cloud's own time where it was told: a wall clock that is wrong when a command comes makes no deadline of it. */
function deadlineOf(command: Readable['command']): Pick<NewCommand, 'remainingMs' | 'deadlineAtMs'> {
  if (!('remainingMs' in command)) return { remainingMs: null, deadlineAtMs: null };
  const { remainingMs, deadlineAt } = command;
  return { remainingMs, deadlineAtMs: deadlineAt === null ? null : Date.parse(deadlineAt) };
}

function read(value: unknown): Readable | undefined {
  const command = parseMessage(CommandSchema, value);
  if (command.ok) return { form: 'command', command: command.value };
  const tombstone = parseMessage(TombstoneSchema, value);
  if (tombstone.ok) return { form: 'tombstone', command: tombstone.value };
  const unknown = parseMessage(UnknownCommandSchema, value);
  if (!unknown.ok) return undefined;
  const { kind } = unknown.value;
  const result: CommandResult = KNOWN_KINDS.has(kind)
    ? {
        state: 'failed',
        code: 'command.invalid-body',
        message: command.refusals.map(({ path, reason }) => `${path}: ${reason}`).join('; '),
      }
    : { state: 'failed', code: 'command.unknown-kind', message: `this hub does not know the kind ${kind}` };
  return { form: 'refused', command: unknown.value, result };
}

function parseRefusals(value: unknown) {
  const envelope = parseMessage(UnknownCommandSchema, value);
  return envelope.ok ? [] : envelope.refusals;
}

function buried(tombstone: Tombstone): CommandResult {
  return tombstone.tombstone === 'superseded'
    ? SUPERSEDED
    : { state: 'expired', code: 'command.expired', message: 'the cloud withdrew it' };
}
