import path from 'node:path';
import { openCredentials } from '../../device-sim/household/credentials.js';
import { type Factory, openFactory } from '../../device-sim/household/factory.js';
import type { Home } from '../../device-sim/household/home.js';
import { KeptProduct } from '../../device-sim/household/kept-product.js';
import { cloudProcess } from '../../device-sim/household/products.js';
import { Started } from '../../device-sim/household/started.js';
import { startIotCore } from '../../device-sim/index.js';
import type { TappedMessage } from '../../device-sim/iot-core/admin.js';
import { startControlDoor } from '../../device-sim/iot-core/control-door.js';
import type { IotCore } from '../../device-sim/iot-core/iot-core.js';
import { systemClock } from '../../hardware/index.js';
import { baseEnv } from '../support/fleet-site.js';
import { compileRecorder } from './power/record.js';
import { NOTEBOOK } from './queue-round-cloud.js';
import {
  type Ask,
  layEmbeddedDatabase,
  type ServerDatabase,
  type SiteDatabase,
  startServerDatabase,
} from './queue-round-database.js';

const HOST = '127.0.0.1';
const PANEL = '7in5_V2';

/** A cloud as a process of its own with a database and a broker of its own, for one round after the other. */
export class QueueSite {
  readonly factory: Factory;
  readonly hookToken: string;
  readonly operatorToken: string;
  readonly #started: Started;
  readonly #database: SiteDatabase;
  readonly #server: ServerDatabase | undefined;
  readonly #cloud: KeptProduct;
  readonly #home: Home;
  #iotCore: IotCore;
  #listeners = new Set<(message: TappedMessage) => void>();
  #recorder: Promise<string> | undefined;

  private constructor(parts: {
    factory: Factory;
    hookToken: string;
    operatorToken: string;
    started: Started;
    database: SiteDatabase;
    server: ServerDatabase | undefined;
    cloud: KeptProduct;
    home: Home;
    iotCore: IotCore;
  }) {
    this.factory = parts.factory;
    this.hookToken = parts.hookToken;
    this.operatorToken = parts.operatorToken;
    this.#started = parts.started;
    this.#database = parts.database;
    this.#server = parts.server;
    this.#cloud = parts.cloud;
    this.#home = parts.home;
    this.#iotCore = parts.iotCore;
    this.#tapAnew();
  }

  /** Starts everything in an empty folder; `programs` is where PostgreSQL's are, without which the database is embedded. */
  static async start(dir: string, programs: string | undefined): Promise<QueueSite> {
    const started = new Started();
    return await started.orNothing(async () => {
      const home = homeIn(dir);
      const server = programs === undefined ? undefined : await startServerDatabase(programs, dir);
      const database = started.add(server ?? (await layEmbeddedDatabase(home.path('cloud'))));
      await database.prepare(NOTEBOOK);
      const { url: databaseUrl } = database;
      const iotCore = await startBroker(home, 0);
      const factory = await openFactory(home);
      const credentials = await openCredentials(home, iotCore.admin);
      const { url: iotControlUrl } = started.add(await startControlDoor(iotCore.admin, { port: 0 }));
      const ports = { cloud: 0, hub: 0, glass: 0, iotCore: iotCore.port };
      const settings = { home, panel: PANEL, ports, clock: systemClock, databaseUrl, baseEnv: baseEnv(dir, 'info') };
      const spec = cloudProcess(settings, { iotCore, iotControlUrl }, credentials);
      const { signal } = new AbortController();
      const cloud = started.add(new KeptProduct({ specOf: () => spec, signal }));
      await cloud.start();
      const { hookToken, operatorToken } = credentials;
      return new QueueSite({
        ...{ factory, hookToken, operatorToken, started, database, server, cloud, home, iotCore },
      });
    });
  }

  get cloudUrl(): string {
    return this.#cloud.url;
  }

  /** What makes a process fail what it asks of its card, compiled once. */
  get recorder(): Promise<string> {
    this.#recorder ??= compileRecorder(this.#home.dir);
    return this.#recorder;
  }

  get iotCore(): IotCore {
    return this.#iotCore;
  }

  /** Hears every message that a client publishes, also after the broker has started anew. */
  tap(listener: (message: TappedMessage) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  async killCloud(): Promise<void> {
    await this.#cloud.kill();
    await this.#cloud.start();
  }

  async restartBroker(): Promise<void> {
    const { port } = this.#iotCore;
    await this.#iotCore.stop();
    this.#iotCore = await startBroker(this.#home, port);
    this.#tapAnew();
  }

  /** Reads the database; one that is embedded can be read by one process only, and its service is off afterwards. */
  async read<T>(work: (ask: Ask) => Promise<T>): Promise<T> {
    if (this.#server === undefined) await this.#cloud.kill();
    return await this.#database.read(work);
  }

  async crashDatabase(): Promise<void> {
    await this.#server?.crash();
  }

  async backUp(): Promise<void> {
    await this.#server?.backUp();
  }

  /**
   * Lets the last dump take the database's place while the service is off; `before` is the last look at what goes, `after` the first at what came.
   * Not `isTold`, the service has to find out by its hubs that it came back from a backup.
   */
  async failOver({ before, after }: { before: () => Promise<void>; after: () => Promise<void> }): Promise<void> {
    await this.#cloud.kill();
    await before();
    await this.#server?.restore();
    await after();
    await this.#cloud.start();
  }

  async stop(): Promise<void> {
    await this.#started.stop();
    await this.#iotCore.stop();
  }

  #tapAnew(): void {
    this.#iotCore.admin.tap((message) => {
      for (const listener of this.#listeners) listener(message);
    });
  }
}

function startBroker(home: Home, port: number): Promise<IotCore> {
  return startIotCore({ dir: home.path('iot-core'), host: HOST, port, clock: systemClock });
}

function homeIn(dir: string): Home {
  return { dir, path: (...parts) => path.join(dir, ...parts), release: async () => undefined };
}
