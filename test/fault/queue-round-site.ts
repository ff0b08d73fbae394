import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';
import { pino } from 'pino';
import { systemClock as cloudClock } from '../../cloud-api/clock.js';
import { renewGeneration } from '../../cloud-api/database/generation.js';
import { openPostgres } from '../../cloud-api/database/open-postgres.js';
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
import { startMigratedServer } from '../support/cloud-databases.js';
import { baseEnv } from '../support/fleet-site.js';
import type { PostgresCluster } from '../support/postgres.js';
import { installNotebook } from './queue-round-cloud.js';

const HOST = '127.0.0.1';
const PANEL = '7in5_V2';
const DATABASE = 'inklet';
const OWNER = 'inklet';
const SILENT = pino({ level: 'silent' });
const run = promisify(execFile);

/** A cloud as a process of its own on a PostgreSQL server and a broker of its own, for one round after the other. */
export class QueueSite {
  readonly factory: Factory;
  readonly hookToken: string;
  readonly operatorToken: string;
  readonly #started: Started;
  readonly #programs: string;
  readonly #cluster: PostgresCluster;
  readonly #cloud: KeptProduct;
  readonly #home: Home;
  #iotCore: IotCore;
  #listeners = new Set<(message: TappedMessage) => void>();

  private constructor(parts: {
    factory: Factory;
    hookToken: string;
    operatorToken: string;
    started: Started;
    programs: string;
    cluster: PostgresCluster;
    cloud: KeptProduct;
    home: Home;
    iotCore: IotCore;
  }) {
    this.factory = parts.factory;
    this.hookToken = parts.hookToken;
    this.operatorToken = parts.operatorToken;
    this.#started = parts.started;
    this.#programs = parts.programs;
    this.#cluster = parts.cluster;
    this.#cloud = parts.cloud;
    this.#home = parts.home;
    this.#iotCore = parts.iotCore;
    this.#tapAnew();
  }

  /** Starts everything in an empty folder; `programs` is where PostgreSQL's are. */
  static async start(dir: string, programs: string): Promise<QueueSite> {
    const started = new Started();
    return await started.orNothing(async () => {
      const home = homeIn(dir);
      const { cluster, url: databaseUrl } = await startMigratedServer(programs);
      started.add(cluster);
      await installNotebook(cluster.url(DATABASE));
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
        ...{ factory, hookToken, operatorToken, started, programs, cluster, cloud, home, iotCore },
      });
    });
  }

  get cloudUrl(): string {
    return this.#cloud.url;
  }

  get databaseUrl(): string {
    return this.#cluster.url(DATABASE);
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

  crashDatabase(): Promise<void> {
    return this.#cluster.crash();
  }

  /** Takes a dump, as an operator would by night. */
  async backUp(): Promise<void> {
    await this.#tool('pg_dump', ['--dbname', this.databaseUrl, '--file', this.#dumpFile]);
  }

  /**
   * Lets the last dump take the database's place while the service is off; `before` is the last look at what goes.
   * Not `isTold`, the service has to find out by its hubs that it came back from a backup.
   */
  async failOver(before: () => Promise<void>, isTold: boolean): Promise<void> {
    await this.#cloud.kill();
    await before();
    const sql = (text: string) =>
      this.#tool('psql', ['--quiet', '--dbname', this.#cluster.url('postgres'), '-c', text]);
    await sql(`drop database ${DATABASE} with (force)`);
    await sql(`create database ${DATABASE} owner ${OWNER}`);
    await this.#tool('psql', ['--quiet', '--dbname', this.databaseUrl, '--file', this.#dumpFile]);
    if (isTold) await this.#renewGeneration();
    await this.#cloud.start();
  }

  async stop(): Promise<void> {
    await this.#started.stop();
    await this.#iotCore.stop();
  }

  get #dumpFile(): string {
    return this.#home.path('dump.sql');
  }

  #tapAnew(): void {
    this.#iotCore.admin.tap((message) => {
      for (const listener of this.#listeners) listener(message);
    });
  }

  async #renewGeneration(): Promise<void> {
    const db = openPostgres({ url: this.databaseUrl, log: SILENT });
    await renewGeneration(db, cloudClock);
    await db.close();
  }

  async #tool(name: string, args: readonly string[]): Promise<void> {
    await run(path.join(this.#programs, name), [...args]);
  }
}

function startBroker(home: Home, port: number): Promise<IotCore> {
  return startIotCore({ dir: home.path('iot-core'), host: HOST, port, clock: systemClock });
}

function homeIn(dir: string): Home {
  return { dir, path: (...parts) => path.join(dir, ...parts), release: async () => undefined };
}
