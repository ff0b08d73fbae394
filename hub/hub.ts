import type { FastifyInstance } from 'fastify';
import { panelSpec } from '../hardware/index.js';
import { type HubIdentity, rotateHub } from '../provisioning/index.js';
import { DisplayViews } from './api/display-views.js';
import { GlassPictures } from './api/glass-pictures.js';
import { type HubStatus, hubStatus } from './api/status.js';
import { type BindingSide, openBindingSide } from './binding/binding-side.js';
import type { LinkState } from './cloud-link/cloud-link.js';
import type { CloudSide } from './cloud-side.js';
import { startCommands } from './command-side.js';
import { IdleRenderer } from './display/idle-renderer.js';
import { LocalContents } from './display/local-contents.js';
import { openWiredDisplay } from './display/open-wired-display.js';
import type { WiredDisplay } from './display/wired-display.js';
import { describeFailure } from './errors.js';
import type { Executor } from './executor/executor.js';
import type { Intake } from './executor/intake.js';
import type { Hub, HubDeps } from './hub-deps.js';
import { LocalTime } from './local-time.js';
import { type CloudParts, openCloud } from './open-cloud.js';
import { QueueSide } from './queue-side.js';
import { Rotator } from './rotation/rotator.js';
import { freeBytes } from './storage/free-bytes.js';
import { openStore, type Store } from './storage/store.js';
import { AssetClient } from './sync/asset-client.js';
import { startTrouble, type TroubleSide } from './trouble-side.js';

type ApiParts = { display: WiredDisplay; binding: BindingSide; queue: QueueSide };

/** A renderer takes 10 MB, and a quarter of a second to come back: messages in a row find it awake. */
const RENDERER_IDLE_MS = 10_000;
/** For so long the people in the room wait for the page of a hub that is becoming one of the fleet. */
const IDENTITY_FIRST_MS = 1_000;

export function createHub(deps: HubDeps): Hub {
  const hub = new RunningHub(deps);
  return { start: (signal) => hub.start(signal), stop: () => hub.stop() };
}

class RunningHub {
  readonly #deps: HubDeps;
  readonly #stopping = new AbortController();
  readonly #renderer: IdleRenderer;
  readonly #localTime: LocalTime;
  #refusal: { code: string; message: string } | undefined;
  #store: Store | undefined;
  #display: WiredDisplay | undefined;
  #executor: Executor | undefined;
  #app: FastifyInstance | undefined;
  #cloud: CloudSide | undefined;
  #rotator: Rotator | undefined;
  #trouble: TroubleSide | undefined;
  #binding: BindingSide | undefined;
  #queue: QueueSide | undefined;
  #background: Promise<unknown> = Promise.resolve();
  #stopped: Promise<void> | undefined;

  constructor(deps: HubDeps) {
    this.#deps = deps;
    this.#localTime = new LocalTime(deps.config.INKLET_TIME_ZONE);
    this.#renderer = new IdleRenderer({ start: deps.startRenderer, idleMs: RENDERER_IDLE_MS, clock: deps.clock });
  }

  async start(signal?: AbortSignal): Promise<{ url: string }> {
    signal?.throwIfAborted();
    signal?.addEventListener('abort', () => this.#stopping.abort(), { once: true });
    const { config, identity, clock, newId, newEpoch, log, version } = this.#deps;
    const obtained = this.#obtainIdentity();
    this.#background = obtained;
    // First: a new hub becomes one of the fleet before its processor is busy with disk and server.
    await Promise.race([obtained, identity?.untilTroubled(IDENTITY_FIRST_MS, this.#stopping.signal)]);
    const isAlone = config.INKLET_CLOUD_URL === undefined;
    const store = await openStore({
      isAlone,
      ...{ dataDir: config.INKLET_DATA_DIR, clock, newId, newEpoch, log: log.child({ mod: 'storage' }) },
      // Whoever keeps the hub running starts it again, and that start saves what can be read.
      onDamaged: () => void this.#deps.reboot(),
    });
    this.#store = store;
    const queue = this.#openQueue(store);
    this.#queue = queue;
    queue.start();
    const { boot, outbox, upkeep } = store;
    const started = { type: 'hub.started', body: { version, bootId: boot.id } } as const;
    if (!isAlone)
      await outbox.enqueue(started).catch((error: unknown) => log.warn({ err: error }, 'start not recorded'));
    // What a household left behind when the hub stopped in the middle of its leaving, whoever has come since.
    if (store.binding.household() === undefined || store.leaving.isSweepDue) {
      const later = (error: unknown) =>
        log.error({ err: error }, 'what a household left behind goes at the next start');
      await store.leaving.sweep().catch(later);
    }
    upkeep.start();
    const display = this.#openDisplay(store);
    this.#display = display;
    const rotator = this.#makeRotator(store);
    this.#rotator = rotator;
    const intake = this.#startCommands(store, display, rotator);
    const binding = openBindingSide({ ...this.#deps, store, display, cloud: () => this.#cloud });
    this.#binding = binding;
    const url = await this.#startApi(store, { display, binding, queue });
    binding.start(url);
    store.displays.onChange(() => this.#cloud?.changed());
    store.binding.onChange(() => this.#cloud?.changed());
    this.#trouble = startTrouble({
      ...{ identity, store, display, clock, log },
      refusal: () => this.#refusal,
      hasCloud: () => this.#cloud !== undefined,
      isAlone,
    });
    const displayStates = () => this.#views(store).states();
    const parts = { store, intake, rotator, displayStates, onLink: (state: LinkState) => queue.hearLink(state) };
    this.#background = this.#joinCloud(parts, obtained);
    log.info({ url, version, epoch: outbox.epoch, queueDepth: outbox.depth() }, 'hub started');
    return { url };
  }

  stop(): Promise<void> {
    this.#stopped ??= this.#stop();
    return this.#stopped;
  }

  async #stop(): Promise<void> {
    this.#stopping.abort();
    await this.#app?.close();
    await this.#background;
    // Before the link is closed, which is no news then.
    await this.#queue?.stop();
    await Promise.all([this.#cloud?.stop(), this.#rotator?.stop()]);
    await this.#binding?.stop();
    // Together: a command begins no more, and one that waits for the glass ends with it.
    await Promise.all([this.#executor?.stop(), this.#display?.stop(), this.#trouble?.stop()]);
    await this.#renderer.stop();
    await this.#store?.close();
    this.#deps.log.info('hub stopped');
  }

  #openQueue(store: Store): QueueSide {
    const { config, version, warnings, rssBytes, temperatureC, clock, log } = this.#deps;
    return new QueueSide({
      store,
      version,
      hasCloud: config.INKLET_CLOUD_URL !== undefined,
      isRefused: () => this.#refusal !== undefined,
      cloud: () => this.#cloud,
      warnings,
      rssBytes,
      temperatureC,
      freeBytes: () => freeBytes(config.INKLET_DATA_DIR),
      clock,
      log,
    });
  }

  #views({ displays }: Store): DisplayViews {
    const { INKLET_PANEL: panelId, INKLET_PROFILE: profile } = this.#deps.config;
    return new DisplayViews({ displays, panelId, panel: { ...panelSpec(panelId), profile } });
  }

  #openDisplay(store: Store): WiredDisplay {
    const { config, roomTemperatureC, clock, random, newId, log, panel: port } = this.#deps;
    const { assets } = store;
    const pictures = new AssetClient({ assets, cloud: () => this.#cloud?.http, clock, random });
    return openWiredDisplay({
      panelId: config.INKLET_PANEL,
      profile: config.INKLET_PROFILE,
      viewingDistanceMm: config.INKLET_VIEWING_DISTANCE_MM,
      port,
      store,
      renderer: this.#renderer,
      fetchPicture: (picture, signal) => pictures.fetch(picture, signal),
      restS: config.INKLET_PANEL_REST_S,
      roomTemperatureC,
      localHour: () => this.#localTime.hour(clock.now()),
      clock,
      random,
      newId,
      log: log.child({ mod: 'display' }),
    });
  }

  #startCommands(store: Store, display: WiredDisplay, rotator: Rotator): Intake {
    const { clock, log, reboot } = this.#deps;
    const { intake, executor } = startCommands({
      ...{ store, display, reboot, clock },
      hubName: () => this.#cloud?.thingName ?? 'Inklet',
      configChanged: () => this.#cloud?.configChanged(),
      rotate: (order) => rotator.request(order),
      hasOwnCode: () => this.#binding?.hasOwnCode() === true,
      log: log.child({ mod: 'executor' }),
    });
    this.#executor = executor;
    return intake;
  }

  #makeRotator({ outbox, boot }: Store): Rotator {
    const { keyStore, config, clock, random, log } = this.#deps;
    const afterDays = config.INKLET_ROTATE_AFTER_DAYS;
    return new Rotator({
      keyStore,
      rotate: rotateHub,
      afterDays,
      outbox,
      boot,
      clock,
      random,
      log: log.child({ mod: 'rotation' }),
    });
  }

  async #startApi(store: Store, { display, binding, queue }: ApiParts): Promise<string> {
    const { config, clock, newId, log, frameToPng } = this.#deps;
    const { displays, frames, assets, ledger, presentations } = store;
    const contents = new LocalContents({
      display: (displayId) => (displayId === display.displayId ? display : undefined),
      assets,
      ledger,
      presentations,
      newId,
      now: () => Math.round(clock.now()),
    });
    // Late, so that the panel may already be at work while the server is loaded.
    const { buildApp } = await import('./api/app.js');
    this.#app = await buildApp({
      status: () => this.#status(store),
      displays: () => this.#views(store).views(display),
      queue: () => queue.report(),
      now: () => clock.now(),
      timeOfDay: (atMs) => this.#localTime.time(atMs),
      glass: new GlassPictures({
        displays,
        frames,
        geometryOf: (panel) => this.#views(store).geometryOf(panel),
        toPng: frameToPng,
      }),
      contents,
      binding,
      presentations,
      lastFailureOf: (displayId) => presentations.lastFailureOf(displayId),
      newId,
      // A line per request helps nobody; what fails is logged as a warning or worse.
      log: log.child({ mod: 'api' }, { level: 'warn' }),
    });
    return await this.#app.listen({ host: config.INKLET_HOST, port: config.INKLET_PORT });
  }

  /** Never rejects; undefined: without one, the hub goes on for the people in the room. */
  async #obtainIdentity(): Promise<HubIdentity | undefined> {
    const { identity: source, config } = this.#deps;
    if (source === undefined || config.INKLET_CLOUD_URL === undefined) return undefined;
    try {
      return await source.obtain(this.#stopping.signal);
    } catch (error) {
      this.#noIdentity(error);
      return undefined;
    }
  }

  async #joinCloud(parts: CloudParts, obtained: Promise<HubIdentity | undefined>): Promise<void> {
    const { log, config } = this.#deps;
    const { signal } = this.#stopping;
    const identity = await obtained;
    if (identity === undefined || config.INKLET_CLOUD_URL === undefined || signal.aborted) return;
    try {
      const cloud = await openCloud(this.#deps, { identity, cloudUrl: config.INKLET_CLOUD_URL }, parts);
      this.#cloud = cloud;
      this.#trouble?.notify();
      if (!signal.aborted) cloud.start();
      log.info({ thingName: identity.thingName }, 'identity ready');
    } catch (error) {
      this.#noIdentity(error);
    }
  }

  #noIdentity(error: unknown): void {
    if (this.#stopping.signal.aborted) return;
    const why = describeFailure(error, 'hub.internal');
    this.#refusal = why;
    this.#trouble?.notify();
    this.#deps.log.error({ err: error, ...why }, 'no identity: the hub works on its own');
  }

  #status({ boot, outbox, binding, meta }: Store): HubStatus {
    const { version, rssBytes, identity } = this.#deps;
    return hubStatus({
      version,
      rssBytes: rssBytes(),
      boot,
      queueDepth: outbox.depth(),
      damagedAt: meta.get('damaged_at'),
      household: binding.household(),
      identity,
      refusal: this.#refusal,
      cloud: this.#cloud,
      certificate: this.#rotator?.view(),
    });
  }
}
