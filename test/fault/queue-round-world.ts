import { existsSync } from 'node:fs';
import path from 'node:path';
import type { Clock } from '../../hardware/index.js';
import type { Step } from './queue/history.js';
import { readHistory } from './queue/history-reader.js';
import { HistoryWriter, type Told } from './queue/history-writer.js';
import { lookAtCloud, type Seen } from './queue-round-cloud.js';
import type { QueueHub } from './queue-round-hub.js';
import type { QueueSite } from './queue-round-site.js';

const DAY_MS = 24 * 60 * 60 * 1000;

export type Damage = { readonly card: string; readonly atMs: number };

/** What goes on in a round: its hubs, and what is noted besides what they note themselves. */
export class QueueWorld {
  readonly hubs: QueueHub[];
  readonly site: QueueSite;
  readonly clock: Clock;
  readonly dir: string;
  readonly thingName: string;
  /** Whether its folder is of use afterwards. */
  isKept = false;
  /** When a page of a card was last spoilt: what only that page held nobody can know. */
  damage: Damage | undefined;
  /** What was seen in the cloud before it was restored. */
  readonly #seenBefore: Step[] = [];
  readonly #writers = new Map<string, HistoryWriter>();
  #hasBackUp = false;

  constructor(hub: QueueHub, { site, clock, dir }: { site: QueueSite; clock: Clock; dir: string }) {
    this.hubs = [hub];
    this.site = site;
    this.clock = clock;
    this.dir = dir;
    this.thingName = hub.settings.identity.thingName;
  }

  get hub(): QueueHub {
    const [hub] = this.hubs;
    if (hub === undefined) throw new RangeError('no hub');
    return hub;
  }

  get historyFiles(): string[] {
    return [
      ...this.hubs.flatMap(({ historyFile, repliesFile }) => [historyFile, repliesFile]),
      ...[...this.#writers.keys()].map((proc) => this.#file(proc)),
    ];
  }

  note(proc: string, told: Told): void {
    const writer = this.#writers.get(proc) ?? new HistoryWriter(this.#file(proc), { proc, clock: this.clock });
    this.#writers.set(proc, writer);
    writer.note(told);
  }

  /** The power goes, whatever it is doing. */
  async crash(hub: QueueHub): Promise<void> {
    await hub.pullPlug();
    this.note(hub.settings.card, { step: 'crash', hub: this.thingName });
  }

  noteLink(hub: QueueHub, up: boolean): void {
    this.note(hub.settings.card, { step: 'link', hub: this.thingName, up });
  }

  async corruptPage(hub: QueueHub, random: () => number): Promise<void> {
    await this.crash(hub);
    this.damage = { card: hub.settings.card, atMs: this.clock.now() };
    hub.corruptPage(random);
    await hub.powerOn();
  }

  async killCloud(): Promise<void> {
    this.note('cloud', { step: 'crash' });
    await this.site.killCloud();
  }

  async backUp(): Promise<void> {
    await this.site.backUp();
    this.#hasBackUp = true;
  }

  /** The service is told of it, as an operator does: of a fleet of which one hub is awake nobody else could prove it. */
  async failOver(): Promise<void> {
    if (!this.#hasBackUp) await this.backUp();
    const before = async () => {
      const { steps } = await this.#look();
      this.#seenBefore.push(...steps);
    };
    const after = async () => {
      const { state, gen } = await this.#look();
      this.note('cloud', { step: 'restore', gen, streams: [...state.streams] });
    };
    await this.site.failOver({ before, after });
  }

  async loseCard(hub: QueueHub): Promise<void> {
    await this.crash(hub);
    const epoch = lastEpochOf(hub);
    if (epoch !== undefined) this.note(hub.settings.card, { step: 'card.lost', hub: this.thingName, epoch });
    await hub.loseCard();
    await hub.powerOn();
  }

  /** Sets a hub's clock to 1970, a day ahead, or by a step. */
  jumpClock(hub: QueueHub, random: () => number): void {
    const kind = random();
    const ms = kind < 1 / 3 ? -this.clock.now() : kind < 2 / 3 ? DAY_MS : (random() - 0.5) * DAY_MS;
    hub.jump(ms);
  }

  /** All that is known of this round, in one order; and what the cloud holds. */
  async lookBack(): Promise<{ histories: Step[][]; seen: Seen }> {
    const seen = await this.#look();
    const known = new Set(this.#seenBefore.map(nameOf));
    const since = seen.steps.filter((step) => !known.has(nameOf(step)));
    const cloud = [...this.#seenBefore, ...since].sort((a, b) => a.at - b.at);
    // Of two steps in one millisecond the cloud's is the first: whoever speaks of a commit does so after it.
    return {
      histories: [cloud, ...this.historyFiles.filter((file) => existsSync(file)).map((file) => readHistory(file))],
      seen,
    };
  }

  close(): void {
    for (const writer of this.#writers.values()) writer.close();
    this.#writers.clear();
  }

  #look(): Promise<Seen> {
    return this.site.read((ask) => lookAtCloud(ask, this.thingName));
  }

  #file(proc: string): string {
    return path.join(this.dir, `world-${proc}.jsonl`);
  }
}

/** The epoch that a hub told of last. */
export function lastEpochOf(hub: QueueHub): string | undefined {
  const step = readHistory(hub.historyFile).findLast((one) => 'epoch' in one);
  return step !== undefined && 'epoch' in step ? step.epoch : undefined;
}

/** The same commit, or the same step of a command, seen twice. */
function nameOf(step: Step): string {
  if (step.step === 'cloud.commit') return `${step.gen} ${step.epoch} ${step.lane} ${step.new} ${step.at}`;
  if (step.step === 'cloud.reg') return `${step.gen} ${step.key} ${step.ord} ${step.ver} ${step.at}`;
  if (step.step === 'cmd.final') return `${step.step} ${step.cmd} ${step.state}`;
  return 'cmd' in step ? `${step.step} ${step.cmd}` : '';
}
