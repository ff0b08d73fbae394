import type { Logger } from 'pino';
import type { DisplayState, HubEvent } from '../../../contract/index.js';
import { panelSpec, systemClock } from '../../../hardware/index.js';
import { linkOpener } from '../../../hub/cloud-link/link-opener.js';
import { CloudSide } from '../../../hub/cloud-side.js';
import { Executor } from '../../../hub/executor/executor.js';
import { Intake } from '../../../hub/executor/intake.js';
import { commandEffects } from '../../../hub/executor/perform.js';
import { displayStateOf } from '../../../hub/reports/display-states.js';
import { QUEUE_LIMITS } from '../../../hub/storage/queue-limits.js';
import { openStore, type Store } from '../../../hub/storage/store.js';
import type { History } from '../queue/history.js';
import type { Told } from '../queue/history-writer.js';
import { lanesOf } from '../rig/small-limits.js';
import { hashOf } from './hash-of.js';
import { HubClock } from './hub-clock.js';
import { laneOf } from './lane-of.js';
import { plainGlass } from './plain-glass.js';
import { Producer } from './producer.js';
import { recordBuilding } from './recorded-building.js';
import { recordedPerform, recordInbox } from './recorded-commands.js';
import { recordedFetch } from './recorded-fetch.js';
import { noteOpening, recordOutbox, recordRegisters } from './recorded-outbox.js';
import { sampleOf } from './samples.js';
import type { QueueHubSettings } from './settings.js';

export type QueueHubDeps = {
  note: (told: Told) => void;
  /** What was noted before it started. */
  before: History;
  /** The store is damaged: the next start saves what it can. */
  onDamaged: () => void;
  random: () => number;
  newId: () => string;
  newEpoch: () => string;
  log: Logger;
};

const HOST = '127.0.0.1';
const PANEL = '7in5_V2';
/** Waits are a twentieth of it. */
const SYNC_INTERVAL_S = 2;
const HEARTBEAT_INTERVAL_S = 60;
const LOOK_MS = 20;
const SAMPLE_MS = 100;

/** Starts a hub of which nothing is left out that stores, exchanges or obeys. */
export async function startQueueHub(settings: QueueHubSettings, deps: QueueHubDeps) {
  const { newId, newEpoch, random, onDamaged, log } = deps;
  const { thingName: hub } = settings.identity;
  const names = { hub, note: deps.note };
  const clock = new HubClock(settings.wallAheadMs);
  const { dataDir, laneBytes } = settings;
  const limits = laneBytes === null ? QUEUE_LIMITS : lanesOf(laneBytes);
  const store = await openStore({ dataDir, clock, newId, newEpoch, limits, onDamaged, log });
  noteOpening(store, names, deps.before);
  recordOutbox(store, names);
  recordRegisters(store, names);
  recordInbox(store, names);
  const controlUpTo = recordBuilding(store);
  store.displays.ensure(PANEL, { displayId: settings.displayId, name: 'Kitchen', atMs: clock.now() });
  const side: { cloud?: CloudSide } = {};
  const { intake, executor } = startExecutor(settings, store, { clock, side, ...deps });
  const cloud = await openCloud(settings, store, { clock, intake, controlUpTo, ...deps });
  side.cloud = cloud;
  const { outbox, registers } = store;
  const trueClock = { now: () => clock.now(), sleep: systemClock.sleep };
  const { everyMs } = settings;
  const producer = new Producer({
    outbox,
    registers,
    lanes: LANES,
    random,
    clock: trueClock,
    everyMs,
    ...refusals(hub, deps.note),
  });
  executor.start();
  cloud.start();
  producer.start();
  const sampling = new AbortController();
  const samples = sampleUntil(sampling.signal, () => deps.note(sampleOf(store, { hub, dataDir, limits })));
  return {
    clock,
    /** Makes nothing new, and resolves once the cloud has everything and every command is over. */
    drain: async () => {
      await producer.stop();
      const beforeMs = cloud.syncStatus().lastSuccessMs;
      while (!isDrained(store, cloud, beforeMs)) await systemClock.sleep(LOOK_MS);
    },
    stop: async () => {
      sampling.abort();
      await samples;
      await producer.stop();
      await cloud.stop();
      await executor.stop();
      await store.close();
    },
  };
}

const LANES = [0, 1, 2, 3] as const;
/** What a full card is refused by. */
const FULL = 'storage.full';

/** Notes what the store does not take; a card is full from the first event on that finds no room, until one does. */
function refusals(hub: string, note: (told: Told) => void) {
  let isFull = false;
  return {
    onRefused: (event: HubEvent, code: string) => {
      if (code === FULL && !isFull) note({ step: 'disk.full', hub });
      isFull ||= code === FULL;
      note({ step: 'enq.err', hub, lane: laneOf(event), hash: hashOf(event.type, event.body), code });
    },
    onTaken: () => {
      isFull = false;
    },
  };
}

async function sampleUntil(signal: AbortSignal, sample: () => void): Promise<void> {
  while (!signal.aborted) {
    sample();
    await systemClock.sleep(SAMPLE_MS, signal).catch(() => undefined);
  }
}

function isDrained({ outbox, registers, inbox }: Store, cloud: CloudSide, beforeMs: number | undefined): boolean {
  const isIdle = inbox.waiting().length === 0 && inbox.interrupted().length === 0;
  const isTold = outbox.lanes().every(({ nextSeq, acked }) => acked === nextSeq - 1);
  return isTold && registers.dirty(1).length === 0 && isIdle && cloud.syncStatus().lastSuccessMs !== beforeMs;
}

type Given = QueueHubDeps & { clock: HubClock };

function startExecutor(
  { displayId, identity: { thingName: hub } }: QueueHubSettings,
  store: Store,
  { clock, side, note, log }: Given & { side: { cloud?: CloudSide } },
): { intake: Intake; executor: Executor } {
  const { database, boot, inbox, ledger, displays, presentations, binding, leaving, meta } = store;
  const hasDisplay = (id: string) => id === displayId;
  const glass = plainGlass({ displayId, displays, ledger, clock });
  const perform = commandEffects({
    display: (id) => (hasDisplay(id) ? glass : undefined),
    mainDisplay: () => glass,
    ...{ displays, presentations, binding, leaving, meta },
    hubName: () => hub,
    hasOwnCode: () => false,
    reboot: async () => undefined,
    configChanged: () => side.cloud?.configChanged(),
    rotate: async ({ reason }) => {
      const failure = {
        code: 'rotation.not-here',
        message: 'this hub is on trial',
        step: 'key',
        isTold: true,
      } as const;
      return { ok: false, failure: { ...failure, reason, atMs: clock.now() } };
    },
    now: () => boot.now(),
  });
  binding.onChange(() => side.cloud?.changed());
  ledger.endOvertaken();
  const intake = new Intake({ database, inbox, ledger, hasDisplay, log });
  const recorded = recordedPerform(perform, store, { hub, note });
  return { intake, executor: new Executor({ inbox, ledger, perform: recorded, clock, log }) };
}

function openCloud(
  { identity, cloudUrl, iot }: QueueHubSettings,
  store: Store,
  { clock, intake, controlUpTo, note, random, newId, log }: Given & { intake: Intake; controlUpTo: () => number },
): Promise<CloudSide> {
  const { hwId, thingName, model } = identity;
  const geometry = panelSpec(PANEL);
  const displayStates = (): DisplayState[] =>
    store.displays.list().flatMap((row) => displayStateOf(row, () => geometry) ?? []);
  const link = { endpoint: HOST, ...iot, mqttClient: 'mqtt.js' } as const;
  return CloudSide.open({
    identity: { ...identity, deviceConfiguration: {} },
    facts: { hwId, thingName, model: String(model), version: 'trial' },
    cloudUrl,
    openLink: linkOpener({ iot: link, clock, random, log }),
    store,
    intake,
    rotator: { start: () => undefined, stop: async () => undefined, request: () => new Promise(() => undefined) },
    displayStates,
    onLink: () => undefined,
    heartbeatIntervalS: () => HEARTBEAT_INTERVAL_S,
    syncIntervalS: () => SYNC_INTERVAL_S,
    rssBytes: () => 0,
    temperatureC: async () => null,
    freeBytes: async () => null,
    fetch: recordedFetch({ hub: thingName, newId, note, controlUpTo }),
    newId,
    clock,
    random,
    log,
  });
}
