import type { Logger } from 'pino';
import { type Lane, SYNC_WINDOW, type SyncRequest } from '../../contract/index.js';
import { type Boot, timestamp } from '../boot.js';
import { HubError } from '../errors.js';
import type { Intake } from '../executor/intake.js';
import type { Database } from '../storage/database.js';
import type { Inbox } from '../storage/inbox.js';
import type { Outbox } from '../storage/outbox.js';
import type { Reply } from './exchange.js';

/**
 * stale: of a store that the cloud has left · forked: the epoch was changed · stuck: events were sent and none was
 * taken · more: there is more to fetch · done: nothing more is known.
 */
export type Applied = 'stale' | 'forked' | 'stuck' | 'more' | 'done';

const LANES: readonly Lane[] = [0, 1, 2, 3];
const WANTED_COMMANDS = 100;

/** The request from what is stored, and the reply into what is stored. Source: sync protocol, section 3. */
export class SyncState {
  readonly #database: Database;
  readonly #outbox: Outbox;
  readonly #inbox: Inbox;
  readonly #intake: Pick<Intake, 'take'>;
  readonly #boot: Boot;
  readonly #log: Logger;
  #window: { events: number; bytes: number } = SYNC_WINDOW;
  /** The last event of each lane that was in a request of this epoch. */
  readonly #sent = new Map<Lane, number>();

  constructor(deps: {
    database: Database;
    outbox: Outbox;
    inbox: Inbox;
    intake: Pick<Intake, 'take'>;
    boot: Boot;
    log: Logger;
  }) {
    this.#database = deps.database;
    this.#outbox = deps.outbox;
    this.#inbox = deps.inbox;
    this.#intake = deps.intake;
    this.#boot = deps.boot;
    this.#log = deps.log;
  }

  request(): SyncRequest {
    const now = this.#boot.now();
    const { gen, downAcked } = this.#inbox.cursor();
    const after: SyncRequest['after'] = {};
    const logs: SyncRequest['logs'] = [];
    let { events, bytes } = this.#window;
    for (const lane of LANES) {
      const state = this.#outbox.lane(lane);
      after[lane] = { seq: state.acked, id: state.ackedId };
      const slice = events > 0 && bytes > 0 ? this.#outbox.slice(lane, { events, bytes }) : undefined;
      if (slice === undefined) continue;
      const { bytes: sliceBytes, ...sent } = slice;
      logs.push(sent);
      this.#sent.set(lane, Math.max(this.#sent.get(lane) ?? 0, sent.first + sent.events.length - 1));
      events -= sent.events.length;
      bytes -= sliceBytes;
    }
    return {
      v: 1,
      epoch: this.#outbox.epoch,
      boot: now.boot,
      monoNow: now.monoMs,
      wallNow: timestamp(now.wallMs),
      wq: now.wq,
      after,
      logs,
      regs: [],
      gaps: [],
      downGen: gen,
      downAcked,
      freeBytes: null,
      want: { down: WANTED_COMMANDS },
    };
  }

  /** One transaction; only after it may the next request name what came. */
  apply(reply: Reply, request: Pick<SyncRequest, 'logs'>): Applied {
    const { gen } = this.#inbox.cursor();
    if (gen !== null && reply.gen < gen) return 'stale';
    if (reply.epochState !== 'open') {
      this.#fork(reply.epochState);
      return 'forked';
    }
    this.#boot.heardServerTime(Date.parse(reply.now));
    this.#window = {
      events: Math.min(reply.window.events, SYNC_WINDOW.events),
      bytes: Math.min(reply.window.bytes, SYNC_WINDOW.bytes),
    };
    for (const reject of reply.rejects) this.#log.warn(reject, 'event rejected by the cloud');
    for (const hole of reply.holes) this.#log.warn(hole, 'the cloud misses events before those sent');
    if (LANES.some((lane) => this.#isForeign(lane, reply.acks[lane]))) {
      this.#fork('an acknowledgement of events that were never sent from here');
      return 'forked';
    }
    const before = this.#inbox.cursor();
    this.#database.write(() => {
      this.#inbox.enterGen(reply.gen);
      for (const lane of LANES) this.#outbox.acknowledge(lane, reply.acks[lane] ?? 0);
      this.#takeAll(reply);
    });
    const { logs } = request;
    const isTaken = (slice: (typeof logs)[number]) => this.#outbox.lane(slice.lane).acked >= slice.first;
    if (logs.length > 0 && !logs.some(isTaken)) return 'stuck';
    const after = this.#inbox.cursor();
    const isMoving = after.gen !== before.gen || after.downAcked !== before.downAcked;
    return isMoving && after.downAcked < reply.downNext - 1 ? 'more' : 'done';
  }

  /** An event may be made while its number is in a foreign acknowledgement: what counts is what was sent. */
  #isForeign(lane: Lane, ack: number | undefined): boolean {
    return ack !== undefined && ack > Math.max(this.#outbox.lane(lane).acked, this.#sent.get(lane) ?? 0);
  }

  #takeAll(reply: Reply): void {
    for (const command of reply.down) {
      try {
        this.#intake.take(command);
      } catch (error) {
        if (!(error instanceof HubError) || error.code !== 'outbox.full') throw error;
        // The rest comes again once the cloud has taken events: what is here is acknowledged without it.
        this.#log.warn({ code: error.code }, 'commands left with the cloud');
        return;
      }
    }
    this.#inbox.forget(reply.finalUpto);
  }

  #fork(why: string): void {
    const epoch = this.#outbox.startNewEpoch();
    this.#sent.clear();
    this.#log.warn({ why, epoch }, 'new epoch: the cloud knows another copy of this store');
  }
}
