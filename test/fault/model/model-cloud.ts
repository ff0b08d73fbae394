import type { Told } from '../queue/history-writer.js';
import { entryOf, LANES } from '../queue/steps.js';
import type { CloudState } from '../queue/verdict.js';
import { CloudCommands } from './cloud-commands.js';
import { applyLane, emptyParts, fillRollback, type LaneCommit } from './cloud-lane.js';
import { copyOfRecord, newRecord, streamIn } from './record.js';
import type { Rules } from './rules.js';
import type { HubRecord, Left, Offer, Reply, Request } from './types.js';

type Deps = { rules: Rules; note: (told: Told) => void; nowMs: () => number; bornMs: number };

/** The cloud: its tables, and one transaction for each request. */
export class ModelCloud {
  readonly #deps: Deps;
  readonly #commands: CloudCommands;
  #records = new Map<string, HubRecord>();
  #backup = new Map<string, HubRecord>();
  #gen = 1;
  #tearsNext = false;

  constructor(deps: Deps) {
    this.#deps = deps;
    this.#commands = new CloudCommands(deps.rules.cloud);
  }

  /** The reply, if the transaction was committed. */
  take(request: Request): Reply | undefined {
    const record = this.#record(request.hub);
    const before = this.#tearsNext ? copyOfRecord(record) : undefined;
    this.#tearsNext = false;
    const told: Told[] = [];
    const reply = this.#apply(record, request, (step) => told.push(step));
    if (before === undefined) for (const step of told) this.#deps.note(step);
    else {
      this.#records.set(request.hub, this.#undone(before, record));
      if (!this.#deps.rules.cloud.repliesBeforeCommit) return undefined;
    }
    const { hub, epoch, name: req } = request;
    const { gen, acks, state } = reply;
    this.#deps.note({ step: 'reply', hub, epoch, req, gen: String(gen), acks, state });
    return reply;
  }

  create(order: { hub: string; cmd: string; slot: string; atMostOnce: boolean; spanMs: number | null }): void {
    this.#commands.create(this.#scene(order.hub, this.#deps.note), order);
  }

  /** A command that goes out by MQTT. */
  push(hub: string, pick: number): Offer | undefined {
    return this.#commands.push(this.#scene(hub, this.#deps.note), pick);
  }

  sweep(): void {
    for (const hub of this.#records.keys()) this.#commands.sweep(this.#scene(hub, this.#deps.note));
  }

  /** The next transaction is undone by a kill. */
  tearNext(): void {
    this.#tearsNext = true;
  }

  backUp(): void {
    this.#backup = new Map([...this.#records].map(([hub, record]) => [hub, copyOfRecord(record)]));
  }

  restore(): void {
    this.#records = new Map([...this.#backup].map(([hub, record]) => [hub, copyOfRecord(record)]));
    if (this.#deps.rules.cloud.renewsGen) this.#gen += 1;
    const streams = [...this.#records.values()].flatMap(({ streams: all }) =>
      [...all.values()].map(({ hub, epoch, lane, hwm }) => ({ hub, epoch, lane, hwm })),
    );
    this.#deps.note({ step: 'restore', gen: String(this.#gen), streams });
  }

  /** Whether every command of a hub is over. */
  isQuiet(hub: string): boolean {
    return this.#record(hub).commands.every(({ state }) => !['QUEUED', 'OFFERED', 'RECEIVED'].includes(state));
  }

  state(): CloudState {
    const records = [...this.#records];
    const streams = records.flatMap(([, record]) => [...record.streams.values()]);
    const rows = streams.flatMap(({ hub, epoch, lane, rows: all }) =>
      [...all].map(([seq, row]) => ({ hub, epoch, lane, seq, ...row })),
    );
    return {
      events: rows.filter(({ isDead }) => !isDead),
      dead: rows.filter(({ isDead }) => isDead),
      gaps: streams.flatMap(({ hub, epoch, lane, gaps }) =>
        gaps.map(({ from, to, reason }) => ({ hub, epoch, lane, from, to, reason })),
      ),
      streams: streams.map(({ hub, epoch, lane, hwm }) => ({ hub, epoch, lane, hwm })),
      registers: records.flatMap(([hub, { regs }]) => [...regs].map(([key, value]) => ({ hub, key, ...value }))),
      commands: records.flatMap(([, { commands }]) => commands.map(({ hub, cmd, state }) => ({ hub, cmd, state }))),
    };
  }

  #record(hub: string): HubRecord {
    return entryOf(this.#records, hub, () => newRecord(this.#deps.bornMs));
  }

  #scene(hub: string, note: (told: Told) => void) {
    return { record: this.#record(hub), gen: this.#gen, nowMs: this.#deps.nowMs(), note };
  }

  #undone(before: HubRecord, after: HubRecord): HubRecord {
    if (!this.#deps.rules.cloud.marksOutsideCommit) return before;
    for (const { hub, epoch, lane, hwm, hwmId } of after.streams.values()) {
      Object.assign(streamIn(before, hub, epoch, lane), { hwm, hwmId });
    }
    return before;
  }

  #apply(record: HubRecord, request: Request, note: (told: Told) => void): Reply {
    const { rules, nowMs } = this.#deps;
    const none = { 0: 0, 1: 0, 2: 0, 3: 0 };
    const refused = { kind: 'reply', to: request, gen: this.#gen, nowMs: nowMs(), acks: none, regAcks: [], down: [], finalUpto: 0 } as const;
    for (const left of request.left) this.#hearOfLeft(record, request, left, note);
    const epoch = this.#enter(record, request.epoch);
    if (epoch.isClosed && rules.cloud.refusesClosed) return { ...refused, state: 'E_EPOCH_CLOSED' };
    if (LANES.some((lane) => rules.cloud.isFork(record, lane, request))) return { ...refused, state: 'E_FORK' };
    const acks = { ...none };
    const scene = { record, request, nowMs: nowMs(), rules: rules.cloud };
    for (const lane of LANES) {
      const commit = applyLane(scene, lane);
      const sent = request.pieces[lane].at(-1);
      acks[lane] = rules.cloud.acked(commit.stream.hwm, sent?.row?.seq ?? sent?.gap?.to ?? 0);
      this.#tell(commit, note);
      for (const result of commit.results) this.#commands.applyResult(this.#scene(request.hub, note), result);
    }
    const regAcks = this.#storeRegisters(record, request, epoch.ord, note);
    const { down, finalUpto } = this.#commands.answer(this.#scene(request.hub, note), request);
    return { ...refused, acks, regAcks, down, finalUpto, state: 'open' };
  }

  #tell({ stream, old, parts }: LaneCommit, note: (told: Told) => void): void {
    const { hub, epoch, lane, hwm } = stream;
    const isNew = hwm !== old || parts.seqs.length + parts.dead.length + parts.covered.length > 0;
    if (isNew) note({ step: 'cloud.commit', hub, epoch, lane, gen: String(this.#gen), old, new: hwm, ...parts });
  }

  /** The first request of a new epoch closes all before it. */
  #enter(record: HubRecord, name: string) {
    const known = record.epochs.find(({ epoch }) => epoch === name);
    if (known !== undefined) return known;
    if (this.#deps.rules.cloud.closesOlder) for (const older of record.epochs) older.isClosed = true;
    const made = { epoch: name, ord: record.epochs.length + 1, isClosed: false };
    record.epochs.push(made);
    return made;
  }

  /** An epoch that a hub has left is closed, also for a restored cloud that has never heard of it, and its end is named. */
  #hearOfLeft(record: HubRecord, { hub }: Request, { epoch, after }: Left, note: (told: Told) => void): void {
    if (!record.epochs.some((one) => one.epoch === epoch)) {
      record.epochs.push({ epoch, ord: record.epochs.length + 1, isClosed: true });
    }
    for (const lane of LANES) {
      const stream = streamIn(record, hub, epoch, lane);
      if (after[lane].seq <= stream.hwm) continue;
      const commit: LaneCommit = { stream, old: stream.hwm, parts: emptyParts(), results: [] };
      fillRollback(stream, after[lane], commit.parts);
      this.#tell(commit, note);
    }
  }

  #storeRegisters(record: HubRecord, request: Request, ord: number, note: (told: Told) => void): [string, number][] {
    const { hub, epoch, regs } = request;
    for (const { key, ver, hash } of regs) {
      if (!this.#deps.rules.cloud.isNewerRegister(record.regs.get(key), { ord, ver })) continue;
      record.regs.set(key, { ord, epoch, ver, hash });
      note({ step: 'cloud.reg', hub, epoch, gen: String(this.#gen), ord, key, ver });
    }
    return regs.map(({ key, ver }) => [key, ver]);
  }
}
