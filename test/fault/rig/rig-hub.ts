import { cpSync, existsSync, mkdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { type Command, type HubEvent, LANE_OF_EVENT, type Lane, SyncRequestSchema } from '../../../contract/index.js';
import { HubError } from '../../../hub/errors.js';
import type { Effect, Perform } from '../../../hub/executor/executor.js';
import type { Outbox } from '../../../hub/storage/outbox.js';
import { fileBytes as capOf, type QueueLimits } from '../../../hub/storage/queue-limits.js';
import type { Told } from '../queue/history-writer.js';
import { DATABASE_FILE, type HubChange, type HubParts, openParts } from './hub-parts.js';
import { HubRecord } from './hub-record.js';
import { hashOf, type Recorder, rangesOf } from './recorder.js';
import type { RigCaller } from './rig-cloud.js';
import type { Sent, Wire } from './wire.js';
import { RigClock, type WorldTime } from './world-time.js';

const LANES: readonly Lane[] = [0, 1, 2, 3];
/** A process that was killed leaves these as they are; the index of the log is made anew. */
const FILES = [DATABASE_FILE, `${DATABASE_FILE}-wal`] as const;
// Source: sync protocol, section 6.
const WAL_BYTES = 8 * 1024 * 1024;
const MOST_REGISTERS = 100;

export type RigHubDeps = {
  caller: RigCaller;
  /** The name of the hub in the history, and of this card of it. */
  hub: string;
  card: string;
  folder: string;
  time: WorldTime;
  wire: Wire;
  recorder: Recorder;
  random: () => number;
  newId: () => string;
  newEpoch: () => string;
  limits: QueueLimits;
  change: HubChange;
};

/** A board with its card: the real hub parts, which the schedule starts, kills and robs of their card. */
export class RigHub {
  readonly deps: RigHubDeps;
  readonly clock: RigClock;
  readonly wire: Wire;
  /** What the executor has begun and the world has not finished. */
  effects: ((outcome: 'applied' | 'failed') => void)[] = [];
  /** Of so many effects one is given up when something newer comes; what is painted is not taken back. */
  givingWay = 0.5;
  /** On which others than the sync sleep. */
  readonly #beside: RigClock;
  #folder: string;
  #life = 0;
  #parts: HubParts | undefined;
  #record: HubRecord | undefined;
  #waiting = 0;

  constructor(deps: RigHubDeps) {
    this.deps = deps;
    this.clock = new RigClock(deps.time);
    this.#beside = new RigClock(deps.time);
    this.wire = deps.wire;
    this.#folder = `${deps.folder}-0`;
  }

  get parts(): HubParts {
    if (this.#parts === undefined) throw new RangeError('the hub is off');
    return this.#parts;
  }

  get epoch(): string {
    return this.parts.outbox.epoch;
  }

  get isOn(): boolean {
    return this.#parts !== undefined;
  }

  /** Starts the hub on what is on its card. */
  start(): void {
    const { limits, change, random, newId, newEpoch } = this.deps;
    mkdirSync(this.#folder, { recursive: true });
    const isNew = !existsSync(join(this.#folder, DATABASE_FILE));
    this.#life += 1;
    this.wire.onSent = (sent) => this.#sent(sent);
    const parts = openParts({
      folder: this.#folder,
      clock: this.clock,
      beside: this.#beside,
      random,
      newId,
      newEpoch,
      limits,
      fetch: this.wire.fetch,
      perform: this.#perform(this.#life),
      appending: (outbox) => this.#appending(outbox),
      change,
    });
    this.#parts = parts;
    const record = new HubRecord({
      hub: this.deps.hub,
      outbox: parts.outbox,
      note: (told) => this.note(told),
      moment: () => ({ boot: parts.boot.id, bootMs: parts.boot.now().monoMs }),
      bases: () => parts.database.bases(),
      dirty: () => parts.database.dirty(),
      held: (lane, from) => parts.database.held(lane, from),
      limits,
    });
    this.#record = record;
    parts.database.onCommit = (rows) => record.committed(rows);
    if (!isNew || this.#life > 1) this.#opened(parts);
    parts.client.start();
    parts.executor.start();
  }

  /** As a SIGKILL leaves it: what was committed is there, and nobody has said goodbye. */
  crash(): void {
    const parts = this.parts;
    const next = `${this.deps.folder}-${this.#life}`;
    mkdirSync(next, { recursive: true });
    for (const file of FILES) {
      const path = join(this.#folder, file);
      if (existsSync(path)) cpSync(path, join(next, file));
    }
    this.#end(parts);
    rmSync(this.#folder, { recursive: true });
    this.#folder = next;
    this.note({ step: 'crash', hub: this.deps.hub });
  }

  /** The card is gone; the hub starts on an empty one. */
  loseCard(): void {
    const epoch = this.parts.outbox.epoch;
    this.#end(this.parts);
    rmSync(this.#folder, { recursive: true });
    this.note({ step: 'card.lost', hub: this.deps.hub, epoch });
  }

  /** Puts a copy of what is on the card into another hub's slot. */
  copyTo(other: RigHub): void {
    const { epoch } = this.parts.outbox;
    mkdirSync(other.#folder, { recursive: true });
    for (const file of FILES) {
      const path = join(this.#folder, file);
      if (existsSync(path)) cpSync(path, join(other.#folder, file));
    }
    other.note({ step: 'card.cloned', hub: this.deps.hub, epoch, of: this.deps.card });
  }

  stop(): void {
    if (this.#parts !== undefined) this.#end(this.#parts);
    rmSync(this.#folder, { recursive: true, force: true });
  }

  enqueue(event: HubEvent): void {
    const { hub } = this.deps;
    const life = this.#life;
    const { outbox } = this.parts;
    const lane = LANE_OF_EVENT[event.type];
    const hash = hashOf(event.body);
    this.note({ step: 'enq.call', hub, lane, hash });
    this.#waiting += 1;
    outbox
      .enqueue(event)
      .then(
        (place) => this.#noteIn(life, { step: 'enq.ok', hub, epoch: outbox.epoch, hash, ...place }),
        (error: unknown) => {
          const code = codeOf(error);
          this.#noteIn(life, { step: 'enq.err', hub, lane, hash, code });
          if (code === 'storage.full') this.#noteIn(life, { step: 'disk.full', hub });
        },
      )
      .finally(() => {
        this.#waiting -= 1;
      });
  }

  /** Whether nothing of the hub's goes on by itself: it waits for an answer, or for time to pass. */
  get isResting(): boolean {
    if (!this.isOn) return true;
    return this.#waiting === 0 && (this.wire.waiting.length > 0 || this.deps.time.isAsleep(this.clock));
  }

  /** Whether the cloud has everything. */
  get isEmpty(): boolean {
    return this.backlog === 0;
  }

  /** Numbers and registers that the cloud does not have. */
  get backlog(): number {
    const { outbox, registers } = this.parts;
    const numbers = outbox.lanes().reduce((sum, { nextSeq, acked }) => sum + nextSeq - 1 - acked, 0);
    return numbers + registers.dirty(MOST_REGISTERS).length;
  }

  setRegister(key: string, body: unknown): void {
    this.parts.registers.set(key, body);
  }

  sample(): void {
    const size = (file: string) => statSync(join(this.#folder, file), { throwIfNoEntry: false })?.size ?? 0;
    const fileBytes = FILES.reduce((sum, file) => sum + size(file), 0);
    const { backlog } = this;
    const capBytes = capOf(this.deps.limits) + WAL_BYTES;
    this.note({ step: 'sample', hub: this.deps.hub, fileBytes, capBytes: Math.ceil(capBytes), backlog });
  }

  note(told: Told): void {
    this.deps.recorder.note(this.deps.card, told);
  }

  #end(parts: HubParts): void {
    this.#life += 1;
    this.#parts = undefined;
    this.effects = [];
    parts.database.onCommit = undefined;
    parts.database.close();
    this.deps.time.forget(this.clock);
    this.deps.time.forget(this.#beside);
    this.wire.hangUp();
  }

  #noteIn(life: number, told: Told): void {
    if (life === this.#life) this.note(told);
  }

  #opened({ outbox, database }: HubParts): void {
    const next: Partial<Record<Lane, number>> = {};
    const held: { lane: Lane; from: number; to: number }[] = [];
    const bases = database.bases();
    for (const lane of LANES) {
      const base = bases[lane] ?? 0;
      next[lane] = outbox.lane(lane).nextSeq;
      const { events } = database.held(lane, base + 1);
      for (const [from, to] of rangesOf(events)) held.push({ lane, from: from - base, to: to - base });
    }
    this.note({ step: 'open', hub: this.deps.hub, epoch: outbox.epoch, next, held });
  }

  #sent(sent: Sent): void {
    const request = SyncRequestSchema.parse(sent.json);
    const { epoch, after, downGen, downAcked } = request;
    const slices = request.logs.map(({ lane, first, events }) => ({
      lane,
      from: first,
      to: first + events.length - 1,
    }));
    const gaps = request.gaps.map(({ lane, from, to, reason }) => ({ lane, from, to, reason }));
    const acked: Partial<Record<Lane, number>> = {};
    for (const lane of LANES) acked[lane] = after[lane]?.seq ?? 0;
    this.note({
      step: 'send',
      hub: this.deps.hub,
      epoch,
      req: this.nameOf(sent),
      after: acked,
      slices,
      gaps,
      downGen,
      downAcked,
    });
  }

  nameOf(sent: Sent): string {
    return `${this.deps.card}-${sent.number}`;
  }

  #appending(outbox: Outbox): Pick<Outbox, 'append'> {
    return {
      append: (event, use) => {
        const lane = LANE_OF_EVENT[event.type];
        const hash = hashOf(event.body);
        this.note({ step: 'enq.call', hub: this.deps.hub, lane, hash });
        const place = outbox.append(event, use);
        this.#record?.appended(place, hash);
        return place;
      },
    };
  }

  #perform(life: number): Perform {
    return (command: Command, signal) =>
      new Promise<Effect>((resolve, reject) => {
        if (life !== this.#life) return;
        const { cmdId: cmd, slot, rev } = command;
        const { id: boot } = this.parts.boot;
        const bootMs = this.parts.boot.now().monoMs;
        this.note({ step: 'cmd.effect', hub: this.deps.hub, boot, bootMs, cmd, slot, rev });
        if (this.deps.random() < this.givingWay)
          signal.addEventListener('abort', () => reject(signal.reason), { once: true });
        this.effects.push((state) => {
          const code = state === 'applied' ? null : 'display.failed';
          resolve({ settled: false, result: { state, code, message: null } });
        });
      });
  }
}

function codeOf(error: unknown): string {
  return error instanceof HubError ? error.code : 'unknown';
}
