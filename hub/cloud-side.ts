import type { Logger } from 'pino';
import { deviceTopics, parseJson, SyncHintSchema } from '../contract/index.js';
import type { Clock } from '../hardware/index.js';
import type { HubIdentity, MqttHandler } from '../provisioning/index.js';
import { CloneWatch } from './cloud-link/clone-watch.js';
import type { CloudLink, LinkState } from './cloud-link/cloud-link.js';
import type { Intake } from './executor/intake.js';
import { JobClient } from './jobs/job-client.js';
import { ClaimRequester } from './reports/claim-requester.js';
import { heartbeatReporter } from './reports/heartbeat-reporter.js';
import type { ReportLoop } from './reports/report-loop.js';
import { type HubFacts, type StateReporterDeps, stateReporter } from './reports/state-reporter.js';
import { PairLink } from './rotation/pair-link.js';
import { RotationDoor } from './rotation/rotation-door.js';
import type { Rotator } from './rotation/rotator.js';
import type { Store } from './storage/store.js';
import type { CloudHttpOptions } from './sync/cloud-http.js';
import { DeviceTokens } from './sync/device-tokens.js';
import { SyncClient } from './sync/sync-client.js';
import type { SyncStatus } from './sync/sync-record.js';
import { SyncState } from './sync/sync-state.js';

/** Opens the connection of a hub that has its identity. */
export type OpenLink = (options: {
  identity: HubIdentity;
  subscriptions: readonly string[];
  onMessage: MqttHandler;
}) => Promise<CloudLink>;

export type CloudSideDeps = {
  identity: HubIdentity;
  facts: HubFacts;
  cloudUrl: string;
  openLink: OpenLink;
  store: Store;
  intake: Pick<Intake, 'take'>;
  rotator: Pick<Rotator, 'start' | 'stop' | 'request'>;
  displayStates: StateReporterDeps['displayStates'];
  /** Told every state of the link. */
  onLink: (state: LinkState) => void;
  heartbeatIntervalS: () => number;
  syncIntervalS: () => number;
  rssBytes: () => number;
  temperatureC: () => Promise<number | null>;
  /** Room on the card; null where it cannot be told. */
  freeBytes: () => Promise<number | null>;
  fetch: typeof fetch;
  newId: () => string;
  clock: Clock;
  random: () => number;
  log: Logger;
};

/** All that a hub does with the cloud once it has an identity. */
export class CloudSide {
  readonly #deps: CloudSideDeps;
  readonly http: CloudHttpOptions;
  readonly #sync: SyncClient;
  readonly #link: CloudLink;
  readonly #pairLink: PairLink;
  readonly #jobs: JobClient;
  readonly #state: ReportLoop;
  readonly #heartbeat: ReportLoop;
  readonly #claims: ClaimRequester;

  private constructor(deps: CloudSideDeps, http: CloudHttpOptions, sync: SyncClient, pairLink: PairLink) {
    const { facts, store, rotator, clock, random, log, newId } = deps;
    const { link } = pairLink;
    this.#deps = deps;
    this.http = http;
    this.#sync = sync;
    this.#link = link;
    this.#pairLink = pairLink;
    const { displayStates, heartbeatIntervalS, rssBytes, temperatureC } = deps;
    const { binding, meta, registers, outbox, boot } = store;
    this.#state = stateReporter({ link, facts, displayStates, binding, meta, registers, clock, log });
    this.#heartbeat = heartbeatReporter({
      link,
      facts,
      outbox,
      boot,
      intervalS: heartbeatIntervalS,
      rssBytes,
      temperatureC,
      clock,
      log,
    });
    const { thingName } = facts;
    this.#claims = new ClaimRequester({ link, thingName, binding, newId, clock, log });
    this.#jobs = new JobClient({ thingName, link, rotator, newId, clock, random, log: log.child({ mod: 'jobs' }) });
  }

  static async open(deps: CloudSideDeps): Promise<CloudSide> {
    const { identity, cloudUrl, store, intake, clock, random, log } = deps;
    let pairLink: PairLink | undefined;
    const tokens = new DeviceTokens({ identity: () => pairLink?.pair ?? identity, clock });
    const http = {
      baseUrl: cloudUrl,
      token: (renew: boolean, cloudMs?: number) => tokens.get(renew, cloudMs),
      fetch: deps.fetch,
    };
    const { outbox, registers } = store;
    const syncLog = log.child({ mod: 'sync' });
    const sync = new SyncClient({
      state: new SyncState({ ...store, intake, log: syncLog }),
      outbox,
      registers,
      cloud: http,
      freeBytes: deps.freeBytes,
      intervalMs: () => deps.syncIntervalS() * 1000,
      clock,
      random,
      log: syncLog,
    });
    const { command } = deviceTopics(identity.thingName);
    const onMessage = commandHandler({ topic: command, intake, sync, log: log.child({ mod: 'link' }) });
    const link = await deps.openLink({ identity, subscriptions: [command], onMessage });
    pairLink = new PairLink({ link, pair: identity, clock, random });
    return new CloudSide(deps, http, sync, pairLink);
  }

  start(): void {
    const { cloudUrl: baseUrl, fetch, rotator, store, onLink, clock, log } = this.#deps;
    const clones = new CloneWatch({ outbox: store.outbox, now: () => clock.now(), log: log.child({ mod: 'link' }) });
    this.#link.onChange((state) => clones.hear(state));
    this.#link.onChange(onLink);
    this.#link.onChange(({ connected }) => {
      if (!connected) return;
      this.#sync.linkUp();
      this.changed();
      this.#heartbeat.notify();
    });
    this.#state.start();
    this.#heartbeat.start();
    this.#claims.start();
    this.#sync.start();
    this.#jobs.start();
    this.#link.start();
    rotator.start({ link: this.#pairLink, cloud: new RotationDoor({ baseUrl, fetch, clock }) });
  }

  async stop(): Promise<void> {
    await Promise.all([this.#sync.stop(), this.#state.stop(), this.#heartbeat.stop(), this.#claims.stop()]);
    // The link too: a rotation may wait for it.
    await Promise.all([this.#jobs.stop(), this.#deps.rotator.stop(), this.#pairLink.stop()]);
  }

  /** What the displays show, or whose the hub is, has changed. */
  changed(): void {
    this.#state.notify();
    this.#claims.notify();
  }

  configChanged(): void {
    this.#heartbeat.notify();
    this.#sync.hint();
  }

  link(): LinkState {
    return this.#link.state();
  }

  /** How long a request for a claim code has been without an answer, though the link is up. */
  claimUnansweredMs(): number {
    return this.#claims.unansweredMs;
  }

  syncStatus(): SyncStatus {
    return this.#sync.status();
  }

  get thingName(): string {
    return this.#deps.facts.thingName;
  }
}

/** Commits a pushed command; only then the link acknowledges it. */
export function commandHandler(deps: {
  topic: string;
  intake: Pick<Intake, 'take'>;
  sync: Pick<SyncClient, 'hint'>;
  log: Logger;
}): MqttHandler {
  const { topic, intake, sync, log } = deps;
  return ({ topic: from, payload }) => {
    if (from !== topic) return;
    // Empty: a retained message was cleared.
    if (payload.byteLength === 0) return;
    const hint = parseJson(SyncHintSchema, payload);
    if (hint.ok) {
      sync.hint();
      return;
    }
    let value: unknown;
    try {
      value = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(payload));
    } catch {
      log.warn({ bytes: payload.byteLength }, 'message is not JSON');
      return;
    }
    const taken = intake.take(value);
    log.debug({ taken, bytes: payload.byteLength }, 'command pushed');
    // The next sync tells what it was, if it was anything.
    if (taken === 'unreadable' || taken === 'foreign') sync.hint();
  };
}
