import { type HubEvent, LANE_OF_EVENT, type Lane } from '../../../contract/index.js';
import { type LaneState, type LogPlace, Outbox } from '../../../hub/storage/outbox.js';
import type { Pieces, Window } from '../../../hub/storage/pieces.js';
import { QUEUE_LIMITS } from '../../../hub/storage/queue-limits.js';
import type { OutboxDeps } from '../rig/hub-parts.js';
import { lanesOf } from '../rig/small-limits.js';
import type { Mutant } from './mutant.js';

const NO_UUID = '00000000-0000-7000-8000-000000000000';
const FULL_LANE_0 = 5;

/** Says that an event is on disk before it is. */
class HastyOutbox extends Outbox {
  readonly #ahead = new Map<Lane, number>();

  override enqueue(event: HubEvent): Promise<LogPlace> {
    const lane = LANE_OF_EVENT[event.type];
    const seq = this.lane(lane).nextSeq + (this.#ahead.get(lane) ?? 0);
    this.#ahead.set(lane, (this.#ahead.get(lane) ?? 0) + 1);
    const over = () => this.#ahead.set(lane, Math.max(0, (this.#ahead.get(lane) ?? 0) - 1));
    super.enqueue(event).then(over, over);
    return Promise.resolve({ lane, seq, id: NO_UUID });
  }
}

/** Answers the callers of one turn from the last to the first. */
class TurnedOutbox extends Outbox {
  #held: { place: LogPlace; resolve: (place: LogPlace) => void }[] = [];

  override enqueue(event: HubEvent): Promise<LogPlace> {
    return new Promise((resolve, reject) => {
      super.enqueue(event).then((place) => {
        this.#held.push({ place, resolve });
        setImmediate(() => {
          for (const held of this.#held.splice(0).reverse()) held.resolve(held.place);
        });
      }, reject);
    });
  }
}

/** Deletes what has left the hub. */
class ForgetfulOutbox extends Outbox {
  readonly #write: (change: () => void) => void;

  constructor(deps: OutboxDeps) {
    super(deps);
    this.#write = (change) => deps.database.write(change);
  }

  override noteSent(lane: Lane, seq: number): void {
    super.noteSent(lane, seq);
    this.#write(() => super.acknowledge(lane, seq));
  }
}

/** Does not keep from the laws of the lanes what has left the hub: only the sync is told of it. */
class CarelessOutbox extends Outbox {
  readonly #sent = new Map<Lane, number>();

  override noteSent(lane: Lane, seq: number): void {
    this.#sent.set(lane, seq);
  }

  override lane(lane: Lane): LaneState {
    const state = super.lane(lane);
    return { ...state, sent: Math.max(state.sent, this.#sent.get(lane) ?? 0) };
  }
}

/** Takes an acknowledgement for a number of events, where it names the last of them. */
class CountingOutbox extends Outbox {
  override acknowledge(lane: Lane, ack: number): void {
    const { acked } = this.lane(lane);
    const { slices } = super.pieces(lane, { events: Math.max(1, ack - acked), bytes: Number.MAX_SAFE_INTEGER });
    const held = slices.flatMap(({ first, events }) => events.map((_event, index) => first + index));
    super.acknowledge(lane, ack <= acked ? ack : Math.max(ack, held[ack - acked - 1] ?? ack));
  }
}

/** Gives what is in lane 0 its turn when nothing else waits. */
class UnfairOutbox extends Outbox {
  override pieces(lane: Lane, window: Window): Pieces {
    const others = this.lanes().some((one) => one.lane > 0 && one.nextSeq - 1 > one.acked);
    return lane === 0 && others ? { slices: [], gaps: [] } : super.pieces(lane, window);
  }
}

/** Drops from lane 0, as from the others, when it holds much. */
class OverflowingOutbox extends Outbox {
  readonly #drop: () => void;

  constructor(deps: OutboxDeps) {
    super(deps);
    const first = deps.database.prepare<[], { pos: number }>(
      'SELECT min(pos) AS pos FROM log0 WHERE pos > (SELECT sent FROM lane WHERE lane = 0)',
    );
    const remove = deps.database.prepare<[number]>('DELETE FROM log0 WHERE pos = ?');
    const name = deps.database.prepare<[number, number]>(
      `INSERT INTO gap (lane, from_pos, to_pos, reason, rows, bytes) VALUES (0, ?, ?, 'quota', 1, 1)`,
    );
    this.#drop = () =>
      deps.database.write(() => {
        const pos = first.get()?.pos ?? null;
        if (pos === null) return;
        remove.run(pos);
        name.run(pos, pos);
      });
  }

  override enqueue(event: HubEvent): Promise<LogPlace> {
    if (this.lane(0).rows > FULL_LANE_0) this.#drop();
    return super.enqueue(event);
  }
}

/** Never sends anything of the last lane. */
class SilentOutbox extends Outbox {
  override pieces(lane: Lane, window: Window): Pieces {
    return lane === 3 ? { slices: [], gaps: [] } : super.pieces(lane, window);
  }
}

/** Sends another body than it was given. */
class MisquotingOutbox extends Outbox {
  override pieces(lane: Lane, window: Window): Pieces {
    const { slices, ...rest } = super.pieces(lane, window);
    const misquoted = (body: unknown): unknown => JSON.parse(JSON.stringify(body).replaceAll('1', '2'));
    return {
      ...rest,
      slices: slices.map(({ events, ...slice }) => ({
        ...slice,
        events: events.map((event) => ({ ...event, body: misquoted(event.body) })),
      })),
    };
  }
}

const TIGHT = lanesOf(2048);
const BUSY = { enqueue: 20, burst: 12, deliver: 24, crash: 1, crashWhileWriting: 0, loseCard: 0 } as const;

/** What can be wrong with the queue itself. */
export const OUTBOX_MUTANTS: readonly Mutant[] = [
  {
    name: 'answers before the commit',
    breaks: 'I9',
    hub: { outbox: (deps) => new HastyOutbox(deps) },
    weights: { crashWhileWriting: 10 },
    steps: 12,
    seed: 2,
  },
  {
    name: 'answers in another order',
    breaks: 'I6',
    hub: { outbox: (deps) => new TurnedOutbox(deps) },
    steps: 12,
    seed: 1,
  },
  {
    name: 'deletes what was sent',
    breaks: 'I8',
    hub: { outbox: (deps) => new ForgetfulOutbox(deps) },
    steps: 12,
    seed: 1,
  },
  {
    name: 'drops what was sent',
    breaks: 'I11',
    hub: { outbox: (deps) => new CarelessOutbox(deps) },
    weights: BUSY,
    limits: TIGHT,
    steps: 12,
    seed: 2,
  },
  {
    name: 'acknowledges by a count of events',
    breaks: 'I8',
    hub: { outbox: (deps) => new CountingOutbox(deps) },
    weights: BUSY,
    limits: TIGHT,
    seed: 2,
  },
  { name: 'lets lane 0 wait', breaks: 'I17', hub: { outbox: (deps) => new UnfairOutbox(deps) }, steps: 12, seed: 1 },
  {
    name: 'drops from lane 0',
    breaks: 'I11',
    hub: { outbox: (deps) => new OverflowingOutbox(deps) },
    steps: 12,
    seed: 5,
  },
  {
    name: 'sends another body than it was given',
    breaks: 'I2',
    hub: { outbox: (deps) => new MisquotingOutbox(deps) },
    steps: 12,
    seed: 1,
  },
  { name: 'holds events back', breaks: 'I16', hub: { outbox: (deps) => new SilentOutbox(deps) }, steps: 12, seed: 1 },
  {
    name: 'drops before its lane is full',
    breaks: 'I11',
    hub: { outbox: (deps) => new Outbox({ ...deps, limits: lanesOf(1024) }) },
    limits: QUEUE_LIMITS,
    weights: BUSY,
    steps: 12,
    seed: 1,
  },
];
