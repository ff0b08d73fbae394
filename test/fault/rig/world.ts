import pino from 'pino';
import { parseJson, SyncReplySchema } from '../../../contract/index.js';
import { commandHandler } from '../../../hub/cloud-side.js';
import type { QueueLimits } from '../../../hub/storage/queue-limits.js';
import { CloudRecord, type Request, RequestSchema } from './cloud-record.js';
import type { HubChange } from './hub-parts.js';
import { Recorder } from './recorder.js';
import type { RigCloud } from './rig-cloud.js';
import { RigHub } from './rig-hub.js';
import { idsOf } from './seeded-ids.js';
import { type Sent, Wire } from './wire.js';
import { WorldTime } from './world-time.js';

const START_MS = Date.UTC(2026, 2, 1, 7);
/** The time-out of an exchange; what is under way for longer never comes in. */
const LONGEST_WAY_MS = 30_000;
const MOST_TURNS = 10_000;
const TOPIC = 'down';
const SILENT = pino({ level: 'silent' });

/** A command on its way to a hub by MQTT. */
export type Push = { thingName: string; json: string };

/** Some hubs, their cloud, and all that lies between them, in which nothing happens unless the schedule does it. */
export class World {
  readonly time = new WorldTime(START_MS);
  readonly recorder = new Recorder(this.time);
  readonly cloud: RigCloud;
  readonly random: () => number;
  readonly record: CloudRecord;
  readonly hubs: RigHub[] = [];
  /** The epochs of which a restored cloud can find out what it has lost. */
  backedUp = new Set<string>();
  pushes: Push[] = [];
  /** Makes each body another one. */
  count = 0;
  readonly #folder: string;
  readonly #change: HubChange;
  readonly #overHttp: boolean;
  readonly #limits: QueueLimits;

  private constructor(
    deps: {
      cloud: RigCloud;
      folder: string;
      random: () => number;
      change: HubChange;
      overHttp: boolean;
      limits: QueueLimits;
    },
    gen: string,
  ) {
    this.cloud = deps.cloud;
    this.random = deps.random;
    this.#folder = deps.folder;
    this.#change = deps.change;
    this.#overHttp = deps.overHttp;
    this.#limits = deps.limits;
    this.record = new CloudRecord({
      gen,
      note: (told) => this.recorder.note('cloud', told),
      nameOf: this.nameOf,
    });
    this.cloud.database.onCommit = (rows) => this.record.committed(rows);
  }

  static async make(deps: {
    cloud: RigCloud;
    folder: string;
    random: () => number;
    hubs: number;
    change: HubChange;
    overHttp: boolean;
    limits: QueueLimits;
  }): Promise<World> {
    await deps.cloud.reset();
    deps.cloud.cloud.clock.nowMs = START_MS;
    const world = new World(deps, await deps.cloud.generation());
    for (let index = 0; index < deps.hubs; index += 1) world.addHub(index).start();
    return world;
  }

  readonly nameOf = (hubId: string): string =>
    `hub-${this.cloud.hubs.findIndex(({ caller }) => caller.hubId === hubId)}`;

  /** Another card for a hub of the cloud. */
  addHub(index: number): RigHub {
    const caller = this.cloud.hubs[index];
    if (caller === undefined) throw new RangeError(`the cloud has no hub ${index}`);
    const card = `card-${this.hubs.length}`;
    const hub = new RigHub({
      caller,
      hub: `hub-${index}`,
      card,
      folder: `${this.#folder}/${card}`,
      time: this.time,
      wire: new Wire(() => this.time.nowMs),
      recorder: this.recorder,
      random: this.random,
      ...idsOf(this.random),
      limits: this.#limits,
      change: this.#change,
    });
    this.hubs.push(hub);
    return hub;
  }

  stop(): void {
    for (const hub of this.hubs) hub.stop();
  }

  /** Whoever waits for an answer for too long gives up, as by the time-out of its exchange. */
  pass(ms: number): void {
    this.time.moveTo(this.time.nowMs + ms);
    for (const { wire } of this.hubs) wire.expire(this.time.nowMs - LONGEST_WAY_MS);
    this.cloud.cloud.clock.pass(this.time.nowMs - this.cloud.cloud.clock.nowMs);
  }

  /** Lets everything that goes on by itself come to rest. */
  async settle(): Promise<void> {
    for (let turns = 0; turns < MOST_TURNS; turns += 1) {
      await new Promise((resolve) => setImmediate(resolve));
      if (turns >= 1 && this.hubs.every(({ isResting }) => isResting)) return;
    }
    throw new RangeError('a hub does not come to rest');
  }

  /** The request comes in, and the reply is ready to go back. */
  async deliver(hub: RigHub, sent: Sent): Promise<void> {
    const { caller } = hub.deps;
    const request: Request = { ...RequestSchema.parse(sent.json), req: hub.nameOf(sent) };
    this.record.begin(caller.caller.hubId, request);
    const reply = await (this.#overHttp ? this.cloud.post(caller, sent) : this.cloud.exchange(caller, sent));
    const read = parseJson(SyncReplySchema, Buffer.from(reply.body));
    this.record.end(caller.caller.hubId, request, read.ok ? read.value : undefined);
    sent.reply = reply;
  }

  /** Whoever waits for the cloud is answered. */
  async deliverAll(): Promise<void> {
    for (const hub of this.hubs) {
      for (const sent of hub.wire.waiting) {
        await this.deliver(hub, sent);
        this.answer(hub, sent);
      }
    }
    await this.settle();
  }

  /** How long everybody sleeps. */
  get restMs(): number {
    return Math.max(0, (this.time.nextMs ?? this.time.nowMs) - this.time.nowMs);
  }

  async order(...order: Parameters<RigCloud['order']>): Promise<void> {
    await this.cloud.order(...order).catch(() => undefined);
    const { published } = this.cloud.cloud;
    for (const { thingName, command } of published.splice(0)) {
      this.pushes.push({ thingName, json: JSON.stringify(command) });
    }
  }

  /** What the cloud said comes back, or what it said to another request of this hub. */
  answer(hub: RigHub, sent: Sent, of: Sent = sent): void {
    if (of.reply === undefined || sent.over) return;
    const read = parseJson(SyncReplySchema, Buffer.from(of.reply.body));
    if (read.ok) {
      const { gen, acks, epochState: state } = read.value;
      const { hub: name } = hub.deps;
      const { epoch } = RequestSchema.parse(of.json);
      hub.note({ step: 'reply.got', hub: name, epoch, req: hub.nameOf(of), gen, acks, state });
    }
    sent.answer(of.reply);
  }

  async push(hub: RigHub, json: string): Promise<void> {
    const { intake, client } = hub.parts;
    const handle = commandHandler({ topic: TOPIC, intake, sync: client, log: SILENT });
    await handle({ topic: TOPIC, payload: Buffer.from(json) });
  }
}
