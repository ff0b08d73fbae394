import type { Logger } from 'pino';
import type { Lane, SyncRequest } from '../../contract/index.js';
import { type Boot, timestamp } from '../boot.js';
import { HubError } from '../errors.js';
import type { Intake } from '../executor/intake.js';
import type { Anchors } from '../storage/anchors.js';
import type { Database } from '../storage/database.js';
import type { Inbox } from '../storage/inbox.js';
import type { Meta } from '../storage/meta.js';
import type { Outbox } from '../storage/outbox.js';
import type { Registers } from '../storage/registers.js';
import type { Reply } from './exchange.js';
import { RequestWindow } from './request-window.js';
import { type UpPart, upPart } from './up-part.js';

/**
 * stale: of a store that the cloud has left · fork: the cloud knows another copy of this store · stuck: something was sent
 * and nothing was taken · more: there is more to fetch · done: nothing more is known.
 */
export type Applied = { kind: 'stale' | 'stuck' | 'more' | 'done' } | { kind: 'fork'; why: string };

export type SyncStateDeps = {
  database: Database;
  outbox: Outbox;
  registers: Pick<Registers, 'dirty' | 'acknowledge' | 'markAllDirty'>;
  anchors: Pick<Anchors, 'note' | 'forBoots'>;
  inbox: Inbox;
  meta: Pick<Meta, 'set'>;
  intake: Pick<Intake, 'take'>;
  boot: Boot;
  log: Logger;
};

const LANES: readonly Lane[] = [0, 1, 2, 3];
const WANTED_COMMANDS = 100;
const MOST_ANCHORS = 64;
/** The clocks are compared at each reply; what is kept of that wears the card. */
const KEEP_ANCHOR_EVERY_MS = 5 * 60 * 1000;

/** The request from what is stored, and the reply into what is stored. Source: sync protocol, section 3. */
export class SyncState {
  readonly #deps: SyncStateDeps;
  readonly #window = new RequestWindow();
  #credits = new Map<Lane, number>();
  #part: UpPart | undefined;
  #anchoredMonoMs: number | undefined;

  constructor(deps: SyncStateDeps) {
    this.#deps = deps;
  }

  /** That its events were sent is on disk before it is given: what is sent and not acknowledged is never dropped. */
  request(freeBytes: number | null): SyncRequest {
    const { database, outbox, registers, inbox, boot } = this.#deps;
    const part = upPart({ outbox, registers, window: this.#window, credits: this.#credits });
    database.write(() => {
      for (const [lane, seq] of part.ends) outbox.noteSent(lane, seq);
    });
    this.#part = part;
    const now = boot.now();
    const { gen, downAcked } = inbox.cursor();
    const left = outbox.left.all();
    return {
      v: 1,
      epoch: outbox.epoch,
      boot: now.boot,
      monoNow: now.monoMs,
      wallNow: timestamp(now.wallMs),
      wq: now.wq,
      after: this.#after(),
      ...(left.length > 0 && { left }),
      logs: part.logs,
      regs: part.regs,
      gaps: part.gaps,
      anchors: this.#anchorsFor(part, now.boot),
      downGen: gen,
      downAcked,
      freeBytes,
      want: { down: WANTED_COMMANDS },
    };
  }

  /** One transaction; only after it may the next request name what came. `rttMs`: between the request and its reply. */
  apply(reply: Reply, request: SyncRequest, rttMs: number): Applied {
    const { database, inbox, boot, log } = this.#deps;
    const { gen } = inbox.cursor();
    if (gen !== null && reply.gen < gen) return { kind: 'stale' };
    if (reply.epochState !== 'open') return { kind: 'fork', why: reply.epochState };
    const acks = acksOf(reply);
    if (LANES.some((lane) => this.#isForeign(lane, acks.get(lane)))) {
      return { kind: 'fork', why: 'an acknowledgement of events that were never sent from here' };
    }
    boot.heardServerTime(Date.parse(reply.now), rttMs);
    this.#window.heard(reply.window);
    this.#credits = this.#part?.credits ?? new Map();
    for (const reject of reply.rejects) log.warn(reject, 'event rejected by the cloud');
    for (const hole of reply.holes) log.warn(hole, 'the cloud misses events before those sent');
    const before = { ...inbox.cursor(), acked: this.#acked() };
    database.write(() => this.#store(reply, { request, acks, rttMs }));
    // What it misses was acknowledged once, and is here no more: sent again it would meet the same hole for ever.
    const gone = reply.holes.find(({ lane, hwm }) => hwm < (before.acked.get(lane) ?? 0));
    if (gone !== undefined) return { kind: 'fork', why: 'the cloud misses events that are here no more' };
    if (this.#isStuck(request, before.acked)) return { kind: 'stuck' };
    const after = inbox.cursor();
    const isMoving = after.gen !== before.gen || after.downAcked !== before.downAcked;
    return { kind: isMoving && after.downAcked < reply.downNext - 1 ? 'more' : 'done' };
  }

  /** Begins a new epoch, into which everything that is held here moves. */
  fork(why: string): void {
    const { database, outbox, registers } = this.#deps;
    const epoch = database.write(() => {
      // Under the versions of this epoch the cloud may hold the values of the other copy.
      registers.markAllDirty();
      return outbox.startNewEpoch();
    });
    this.#credits.clear();
    this.#deps.log.warn({ why, epoch }, 'new epoch: the cloud knows another copy of this store');
  }

  /** Somebody does not take requests of this size: the next ones are smaller. */
  tooLarge(): void {
    this.#window.shrink();
  }

  #after(): SyncRequest['after'] {
    const after: SyncRequest['after'] = {};
    for (const lane of LANES) {
      const { acked, ackedId } = this.#deps.outbox.lane(lane);
      after[lane] = { seq: acked, id: ackedId };
    }
    return after;
  }

  #anchorsFor({ logs, regs }: UpPart, current: string): SyncRequest['anchors'] {
    const boots = new Set(regs.map(({ boot }) => boot));
    for (const { events } of logs) for (const { boot } of events) boots.add(boot);
    // Of this run the last comparison says most: that the request is on its way for a while is in no other one.
    const own = boots.delete(current) ? this.#deps.anchors.forBoots([current]).slice(-1) : [];
    const all = [...own, ...this.#deps.anchors.forBoots([...boots])].slice(0, MOST_ANCHORS);
    return all.length === 0 ? undefined : all;
  }

  /** An event may be made while its number is in a foreign acknowledgement: what counts is what was sent. */
  #isForeign(lane: Lane, ack: number | undefined): boolean {
    const { acked, sent } = this.#deps.outbox.lane(lane);
    return ack !== undefined && ack > Math.max(acked, sent);
  }

  #store(
    reply: Reply,
    { request, acks, rttMs }: { request: SyncRequest; acks: ReadonlyMap<Lane, number>; rttMs: number },
  ): void {
    const { outbox, registers, inbox } = this.#deps;
    const { gen } = inbox.cursor();
    inbox.enterGen(reply.gen);
    // A restored cloud may lack any value; the log goes on from where it was.
    if (gen !== null && reply.gen > gen) registers.markAllDirty();
    outbox.left.forget();
    const ends = endsOf(request);
    // What was not in this request may be covered by what another copy of this store sent under the same numbers.
    for (const [lane, ack] of acks) outbox.acknowledge(lane, Math.min(ack, ends.get(lane) ?? 0));
    registers.acknowledge(reply.regAcks);
    if (reply.rejects.length > 0) outbox.noteRejected(reply.rejects.length);
    this.#keepAnchor(reply, request, rttMs);
    this.#takeAll(reply);
  }

  #keepAnchor(reply: Reply, { boot, monoNow }: SyncRequest, rttMs: number): void {
    if (this.#anchoredMonoMs !== undefined && monoNow - this.#anchoredMonoMs < KEEP_ANCHOR_EVERY_MS) return;
    this.#deps.anchors.note(boot, monoNow, Date.parse(reply.now), rttMs);
    this.#deps.meta.set('synced_at', reply.now);
    this.#deps.database.afterCommit(() => {
      this.#anchoredMonoMs = monoNow;
    });
  }

  #takeAll(reply: Reply): void {
    const { intake, inbox, log } = this.#deps;
    for (const command of reply.down) {
      try {
        intake.take(command);
      } catch (error) {
        if (!(error instanceof HubError) || error.code !== 'outbox.full') throw error;
        // The rest comes again once the cloud has taken events: what is here is acknowledged without it.
        log.warn({ code: error.code }, 'commands left with the cloud');
        return;
      }
    }
    inbox.forget(reply.finalUpto);
  }

  #acked(): Map<Lane, number> {
    return new Map(LANES.map((lane) => [lane, this.#deps.outbox.lane(lane).acked]));
  }

  #isStuck({ logs, gaps }: SyncRequest, before: ReadonlyMap<Lane, number>): boolean {
    const lanes = new Set([...logs, ...gaps].map(({ lane }) => lane));
    const isTaken = (lane: Lane) => this.#deps.outbox.lane(lane).acked > (before.get(lane) ?? 0);
    return lanes.size > 0 && ![...lanes].some(isTaken);
  }
}

/** Up to where a request covers each of its lanes. */
function endsOf({ logs, gaps }: SyncRequest): Map<Lane, number> {
  const ends = new Map<Lane, number>();
  const reach = (lane: Lane, seq: number) => ends.set(lane, Math.max(seq, ends.get(lane) ?? 0));
  for (const { lane, first, events } of logs) reach(lane, first + events.length - 1);
  for (const { lane, to } of gaps) reach(lane, to);
  return ends;
}

/** How far the cloud is in each lane that it names; a hole names it too. */
function acksOf({ acks, holes }: Reply): Map<Lane, number> {
  const all = new Map<Lane, number>();
  for (const lane of LANES) {
    const ack = acks[lane];
    if (ack !== undefined) all.set(lane, ack);
  }
  for (const { lane, hwm } of holes) all.set(lane, Math.max(hwm, all.get(lane) ?? 0));
  return all;
}
