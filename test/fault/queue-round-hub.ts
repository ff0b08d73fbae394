import { cp, mkdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { parseJson } from '../../contract/index.js';
import { built } from '../../device-sim/household/built.js';
import {
  type ExchangeFault,
  type RetryingProxy,
  type RetryingProxyOptions,
  startRetryingProxy,
} from '../../device-sim/household/retrying-proxy.js';
import { type Router, startRouter } from '../../device-sim/household/router.js';
import { Started } from '../../device-sim/household/started.js';
import type { Clock } from '../../hardware/index.js';
import { Database } from '../../hub/storage/database.js';
import { HubRun } from '../support/hub-run.js';
import { corrupt } from './power/corruption.js';
import { HistoryWriter } from './queue/history-writer.js';
import { replyOf } from './queue-hub/request-names.js';
import { type Order, type QueueHubSettings, WordSchema } from './queue-hub/settings.js';
import { type SmallCard, startSmallCard } from './queue-round-card.js';
import type { QueueSite } from './queue-round-site.js';

const SCRIPT = built('test', 'fault', 'queue-hub', 'main.js');
const SETTINGS_FILE = 'settings.json';
const POLL_MS = 10;
const OK = 200;

export type QueueHubDeps = { readonly site: QueueSite; readonly clock: Clock };

export type QueueHubOrder = Pick<
  QueueHubSettings,
  'card' | 'seed' | 'displayId' | 'identity' | 'everyMs' | 'laneBytes'
> & {
  /** How much its card holds, if that matters. */
  readonly cardBytes: number | undefined;
};

/** A hub as a process of its own on a card of its own, behind a link that can be spoilt. */
export class QueueHub {
  readonly settings: QueueHubSettings;
  readonly dir: string;
  /** What goes wrong with its next exchanges, one each. */
  readonly exchangeFaults: (ExchangeFault | 'nothing')[] = [];
  readonly #deps: QueueHubDeps;
  readonly #started = new Started();
  readonly #output: string[] = [];
  readonly #smallCard: SmallCard | undefined;
  #wallAheadMs = 0;
  #links: { cloud: Router; broker: Router; proxy: RetryingProxy } | undefined;
  #process: HubRun | undefined;
  #unread = '';
  #isReady = false;
  #isDrained = false;
  #isToBeQuiet = false;

  private constructor(
    dir: string,
    settings: QueueHubSettings,
    { smallCard, ...deps }: QueueHubDeps & { smallCard: SmallCard | undefined },
  ) {
    this.dir = dir;
    this.settings = settings;
    this.#deps = deps;
    this.#smallCard = smallCard;
    if (smallCard !== undefined) this.#started.add(smallCard);
  }

  /** In a folder of its own, off. */
  static async make(dir: string, { cardBytes, ...given }: QueueHubOrder, deps: QueueHubDeps): Promise<QueueHub> {
    const { iotCore } = deps.site;
    const smallCard = cardBytes === undefined ? undefined : startSmallCard(cardBytes);
    const dataDir = smallCard?.dataDir ?? path.join(dir, 'data');
    await mkdir(dataDir, { recursive: true });
    const settings = {
      ...given,
      dataDir,
      historyFile: path.join(dir, `${given.card}.jsonl`),
      cloudUrl: '',
      iot: { port: iotCore.port, caPem: iotCore.caPem },
      wallAheadMs: 0,
    };
    const hub = new QueueHub(dir, settings, { ...deps, smallCard });
    await hub.#layLinks();
    return hub;
  }

  get historyFile(): string {
    return this.settings.historyFile;
  }

  /** Of what the cloud was seen to answer it. */
  get repliesFile(): string {
    return path.join(this.dir, `${this.settings.card}-replies.jsonl`);
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

  /** `env` is of this one life. */
  async powerOn(env: Readonly<Record<string, string>> = {}): Promise<void> {
    const file = path.join(this.dir, SETTINGS_FILE);
    const { cloud, broker } = this.links;
    const cloudUrl = `http://127.0.0.1:${cloud.port}`;
    const iot = { ...this.settings.iot, port: broker.port };
    await writeFile(file, JSON.stringify({ ...this.settings, cloudUrl, iot, wallAheadMs: this.#wallAheadMs }), {
      mode: 0o600,
    });
    this.#isReady = false;
    this.#isDrained = false;
    const all = { ...env, QUEUE_HUB_SETTINGS: file };
    this.#process = HubRun.start({ script: SCRIPT, env: all }, (piece) => this.#hear(piece));
  }

  /** Resolves once it works, or has left, or has taken too long for either. */
  async settled(limitMs: number): Promise<void> {
    const endMs = this.#deps.clock.monotonic() + limitMs;
    const isWaiting = () => this.isRunning && !this.#isReady && this.#deps.clock.monotonic() < endMs;
    while (isWaiting()) await this.#deps.clock.sleep(POLL_MS);
  }

  async pullPlug(): Promise<void> {
    await this.#process?.kill();
  }

  /** Copies its card, which must be at rest, onto that of another hub. */
  async copyCardTo(other: QueueHub): Promise<void> {
    await cp(this.settings.dataDir, other.settings.dataDir, { recursive: true });
  }

  /** A page of the file is not what was written there; the card must be at rest. */
  corruptPage(random: () => number): void {
    // Whoever opens the file takes its log in: a log that is damaged ends before that, as after a power cut.
    new Database(this.database).close();
    corrupt(this.database, 1, random);
  }

  /** What else is on its card leaves so much of it, until it is gone. */
  fillCard(leaveBytes: number): void {
    this.#smallCard?.fill(leaveBytes);
  }

  emptyCard(): void {
    this.#smallCard?.empty();
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
    this.#isToBeQuiet = true;
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
    const replies = new HistoryWriter(this.repliesFile, { proc: 'cloud', clock });
    this.#started.add({ stop: async () => replies.close() });
    const { thingName: hub } = this.settings.identity;
    const options: RetryingProxyOptions = {
      target: site.cloudUrl,
      faultOf: () => this.#nextFault(),
      onReply: ({ headers }, { status, body }) => {
        const reply = status === OK ? replyOf(headers, body) : undefined;
        if (reply !== undefined) replies.note({ step: 'reply', hub, ...reply });
      },
    };
    const proxy = this.#started.add(await startRetryingProxy(options));
    const cloud = this.#started.add(await startRouter(proxy.port, clock));
    const broker = this.#started.add(await startRouter(site.iotCore.port, clock));
    this.#links = { cloud, broker, proxy };
  }

  /** As whoever keeps a hub running does when it has left. */
  async #startAnew(): Promise<void> {
    await this.pullPlug();
    await this.powerOn();
    if (this.#isToBeQuiet) this.tell({ do: 'quiet' });
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
      if (word.ok && word.value.say === 'ready') this.#isReady = true;
      if (word.ok && word.value.say === 'drained') this.#isDrained = true;
      if (word.ok && word.value.say === 'damaged') void this.#startAnew();
    }
  }
}
