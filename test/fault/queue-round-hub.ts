import { cp, mkdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { parseJson } from '../../contract/index.js';
import { built } from '../../device-sim/household/built.js';
import {
  type ExchangeFault,
  type RetryingProxy,
  startRetryingProxy,
} from '../../device-sim/household/retrying-proxy.js';
import { type Router, startRouter } from '../../device-sim/household/router.js';
import { Started } from '../../device-sim/household/started.js';
import type { Clock } from '../../hardware/index.js';
import { HubRun } from '../support/hub-run.js';
import { type Order, type QueueHubSettings, WordSchema } from './queue-hub/settings.js';
import type { QueueSite } from './queue-round-site.js';

const SCRIPT = built('test', 'fault', 'queue-hub', 'main.js');
const SETTINGS_FILE = 'settings.json';
const POLL_MS = 10;

export type QueueHubDeps = { readonly site: QueueSite; readonly clock: Clock };

/** A hub as a process of its own on a card of its own, behind a link that can be spoilt. */
export class QueueHub {
  readonly settings: QueueHubSettings;
  readonly dir: string;
  /** What goes wrong with its next exchanges, one each. */
  readonly exchangeFaults: (ExchangeFault | 'nothing')[] = [];
  readonly #deps: QueueHubDeps;
  readonly #started = new Started();
  readonly #output: string[] = [];
  #wallAheadMs = 0;
  #links: { cloud: Router; broker: Router; proxy: RetryingProxy } | undefined;
  #process: HubRun | undefined;
  #unread = '';
  #isDrained = false;

  private constructor(dir: string, settings: QueueHubSettings, deps: QueueHubDeps) {
    this.dir = dir;
    this.settings = settings;
    this.#deps = deps;
  }

  /** In a folder of its own, off. */
  static async make(
    dir: string,
    given: Pick<QueueHubSettings, 'card' | 'seed' | 'displayId' | 'identity' | 'everyMs'>,
    deps: QueueHubDeps,
  ): Promise<QueueHub> {
    const { iotCore } = deps.site;
    await mkdir(path.join(dir, 'data'), { recursive: true });
    const settings = {
      ...given,
      dataDir: path.join(dir, 'data'),
      historyFile: path.join(dir, `${given.card}.jsonl`),
      cloudUrl: '',
      iot: { port: iotCore.port, caPem: iotCore.caPem },
      wallAheadMs: 0,
    };
    const hub = new QueueHub(dir, settings, deps);
    await hub.#layLinks();
    return hub;
  }

  get historyFile(): string {
    return this.settings.historyFile;
  }

  get database(): string {
    return path.join(this.settings.dataDir, 'hub.sqlite');
  }

  get log(): string {
    return this.#output.join('');
  }

  get isRunning(): boolean {
    return this.#process?.isRunning ?? false;
  }

  get links(): { cloud: Router; broker: Router; proxy: RetryingProxy } {
    if (this.#links === undefined) throw new TypeError('no links');
    return this.#links;
  }

  async powerOn(): Promise<void> {
    const file = path.join(this.dir, SETTINGS_FILE);
    const { cloud, broker } = this.links;
    const cloudUrl = `http://127.0.0.1:${cloud.port}`;
    const iot = { ...this.settings.iot, port: broker.port };
    await writeFile(file, JSON.stringify({ ...this.settings, cloudUrl, iot, wallAheadMs: this.#wallAheadMs }), {
      mode: 0o600,
    });
    this.#isDrained = false;
    const env = { QUEUE_HUB_SETTINGS: file };
    this.#process = HubRun.start({ script: SCRIPT, env }, (piece) => this.#hear(piece));
  }

  async pullPlug(): Promise<void> {
    await this.#process?.kill();
  }

  /** Copies its card, which must be at rest, onto that of another hub. */
  async copyCardTo(other: QueueHub): Promise<void> {
    await cp(this.settings.dataDir, other.settings.dataDir, { recursive: true });
  }

  async loseCard(): Promise<void> {
    await rm(this.settings.dataDir, { recursive: true });
    await mkdir(this.settings.dataDir);
  }

  /** Sets its wall clock forward or back, for its next lives too. */
  jump(ms: number): void {
    this.#wallAheadMs += ms;
    this.tell({ do: 'jump', ms });
  }

  tell(order: Order): void {
    this.#process?.say(JSON.stringify(order));
  }

  /** Lets it make nothing new; false if it has not delivered all in time. */
  async drain(limitMs: number): Promise<boolean> {
    this.#isDrained = false;
    this.tell({ do: 'quiet' });
    const endMs = this.#deps.clock.monotonic() + limitMs;
    while (!this.#isDrained && this.#deps.clock.monotonic() < endMs) await this.#deps.clock.sleep(POLL_MS);
    return this.#isDrained;
  }

  mendLinks(): void {
    this.exchangeFaults.length = 0;
    this.links.cloud.mend();
    this.links.broker.mend();
  }

  async close(): Promise<void> {
    await this.pullPlug();
    await this.#started.stop();
  }

  async #layLinks(): Promise<void> {
    const { site, clock } = this.#deps;
    const options = { target: site.cloudUrl, faultOf: () => this.#nextFault() };
    const proxy = this.#started.add(await startRetryingProxy(options));
    const cloud = this.#started.add(await startRouter(proxy.port, clock));
    const broker = this.#started.add(await startRouter(site.iotCore.port, clock));
    this.#links = { cloud, broker, proxy };
  }

  #nextFault(): ExchangeFault | undefined {
    const fault = this.exchangeFaults.shift();
    return fault === 'nothing' ? undefined : fault;
  }

  #hear(piece: string): void {
    this.#output.push(piece);
    const lines = (this.#unread + piece).split('\n');
    this.#unread = lines.pop() ?? '';
    for (const line of lines) {
      const word = parseJson(WordSchema, line);
      if (word.ok && word.value.say === 'drained') this.#isDrained = true;
    }
  }
}
