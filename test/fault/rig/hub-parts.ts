import { join } from 'node:path';
import pino from 'pino';
import { Boot } from '../../../hub/boot.js';
import { Executor, type Perform } from '../../../hub/executor/executor.js';
import { Intake } from '../../../hub/executor/intake.js';
import { Anchors } from '../../../hub/storage/anchors.js';
import { Displays } from '../../../hub/storage/displays.js';
import { Inbox } from '../../../hub/storage/inbox.js';
import { Ledger } from '../../../hub/storage/ledger.js';
import { Meta } from '../../../hub/storage/meta.js';
import { Outbox } from '../../../hub/storage/outbox.js';
import { Presentations } from '../../../hub/storage/presentations.js';
import type { QueueLimits } from '../../../hub/storage/queue-limits.js';
import { Registers } from '../../../hub/storage/registers.js';
import { SyncClient } from '../../../hub/sync/sync-client.js';
import { SyncState } from '../../../hub/sync/sync-state.js';
import { WatchedDatabase } from './watched-database.js';
import type { RigClock } from './world-time.js';

const SILENT = pino({ level: 'silent' });
const SYNC_INTERVAL_MS = 60_000;

export const DATABASE_FILE = 'hub.sqlite';

export type OutboxDeps = ConstructorParameters<typeof Outbox>[0];

/** How a hub that is not quite ours differs from it; every part is absent in the true one. */
export type HubChange = {
  sql?: (text: string) => string;
  pragma?: string;
  outbox?: (deps: OutboxDeps) => Outbox;
  registers?: (deps: ConstructorParameters<typeof Registers>[0]) => Registers;
  inbox?: (deps: ConstructorParameters<typeof Inbox>[0]) => Inbox;
  perform?: (perform: Perform) => Perform;
  newEpoch?: () => string;
  random?: () => number;
};

export type HubPartsDeps = {
  folder: string;
  clock: RigClock;
  beside: Pick<RigClock, 'sleep'>;
  random: () => number;
  newId: () => string;
  newEpoch: () => string;
  limits: QueueLimits;
  fetch: typeof fetch;
  perform: Perform;
  /** What the ledger appends passes by here. */
  appending: (outbox: Outbox) => Pick<Outbox, 'append'>;
  change: HubChange;
};

export type HubParts = ReturnType<typeof openParts>;

/** The real parts of a hub that deal with the queue, on the store in a folder. Nothing runs yet. */
export function openParts(deps: HubPartsDeps) {
  const { clock, newId, limits, change } = deps;
  const { newEpoch = deps.newEpoch, random = deps.random } = change;
  const database = new WatchedDatabase(join(deps.folder, DATABASE_FILE), limits, change);
  const boot = new Boot(newId(), clock);
  const meta = new Meta(database);
  const registers = change.registers?.({ database, boot }) ?? new Registers({ database, boot });
  const anchors = new Anchors(database);
  const outboxDeps = { database, meta, boot, newId, newEpoch, registers, limits };
  const outbox = change.outbox?.(outboxDeps) ?? new Outbox(outboxDeps);
  database.onFull(() => outbox.makeRoomOnCard());
  const inbox = change.inbox?.({ database, meta, boot }) ?? new Inbox({ database, meta, boot });
  const displays = new Displays(database);
  const presentations = new Presentations(database);
  const now = () => Math.round(clock.now());
  const ledger = new Ledger({ database, outbox: deps.appending(outbox), inbox, displays, presentations, now });
  const intake = new Intake({ database, inbox, ledger, hasDisplay: () => true, log: SILENT });
  const state = new SyncState({ database, outbox, registers, anchors, inbox, meta, intake, boot, log: SILENT });
  const client = new SyncClient({
    state,
    outbox,
    registers,
    freeBytes: async () => null,
    cloud: { baseUrl: 'http://cloud', token: async () => 'token', fetch: deps.fetch },
    intervalMs: () => SYNC_INTERVAL_MS,
    clock,
    random,
    log: SILENT,
  });
  const perform = change.perform?.(deps.perform) ?? deps.perform;
  const executor = new Executor({ inbox, ledger, perform, clock: deps.beside, log: SILENT });
  return { database, boot, meta, outbox, registers, inbox, ledger, intake, state, client, executor };
}
