import { z } from 'zod';
import type { Gap, HubEvent, Lane } from '../../../contract/index.js';
import type { LogPlace } from '../../../hub/storage/outbox.js';
import type { Store } from '../../../hub/storage/store.js';
import type { History } from '../queue/history.js';
import type { Told } from '../queue/history-writer.js';
import { hashOf } from './hash-of.js';
import { laneOf } from './lane-of.js';

type Kept = Pick<Store, 'database' | 'outbox' | 'registers'>;
type Deps = { hub: string; note: (told: Told) => void };
type Range = { what: 'event' | 'gap'; from: number; to: number };

/** Names what is put together and has not left. */
const BUILT = 'built';
const EndSchema = z.object({ state: z.string() });
const LANES: readonly Lane[] = [0, 1, 2, 3];
const EVERYTHING = { events: 1_000_000, bytes: Number.MAX_SAFE_INTEGER };

/** Lets every change of the log be noted: before anybody hears of it, and never later than its commit is known. */
export function recordOutbox({ database, outbox, registers }: Kept, { hub, note }: Deps): void {
  const enqueue = outbox.enqueue.bind(outbox);
  const append = outbox.append.bind(outbox);
  const acknowledge = outbox.acknowledge.bind(outbox);
  const startNewEpoch = outbox.startNewEpoch.bind(outbox);
  const noteSent = outbox.noteSent.bind(outbox);
  const settle = registers.acknowledge.bind(registers);

  const called = (event: HubEvent, id?: string): string => {
    const hash = hashOf(event.type, event.body, id);
    note({ step: 'enq.call', hub, lane: laneOf(event), hash });
    return hash;
  };
  const accepted = (hash: string, place: LogPlace) =>
    note({ step: 'enq.ok', hub, epoch: outbox.epoch, hash, ...place });
  type Settled = { acks?: Partial<Record<Lane, number>>; regs?: [string, number, number][] };
  const committed = ({ acks = {}, regs = [] }: Settled) =>
    database.afterCommit(() => note({ step: 'hub.commit', hub, epoch: outbox.epoch, acks, regs }));
  outbox.onDropped(({ lane, from, to, reason }) =>
    note({ step: 'drop', hub, epoch: outbox.epoch, lane, from, to, reason }),
  );

  Object.assign(outbox, {
    enqueue: async (event: HubEvent): Promise<LogPlace> => {
      const hash = called(event);
      const place = await enqueue(event);
      accepted(hash, place);
      return place;
    },
    append: (...given: Parameters<typeof append>): LogPlace => {
      const place = append(...given);
      const hash = called(given[0], place.id);
      database.afterCommit(() => accepted(hash, place));
      return place;
    },
    acknowledge: (lane: Lane, ack: number): void => {
      acknowledge(lane, ack);
      committed({ acks: { [lane]: outbox.lane(lane).acked } });
    },
    // A request may be on the card as sent, and its hub be killed before it leaves.
    noteSent: (lane: Lane, to: number): void => {
      noteSent(lane, to);
      const slices = [{ lane, from: outbox.lane(lane).acked + 1, to }];
      const nothing = { after: {}, gaps: [], control: 0, downGen: null, downAcked: 0 };
      database.afterCommit(() => note({ step: 'send', hub, epoch: outbox.epoch, req: BUILT, slices, ...nothing }));
    },
    startNewEpoch: (): string =>
      database.write(() => {
        const old = outbox.epoch;
        const before = LANES.map((lane) => rangesOf(outbox, lane));
        const epoch = startNewEpoch();
        for (const lane of LANES) {
          for (const [index, to] of rangesOf(outbox, lane).entries()) {
            const from = before[lane]?.[index] ?? to;
            const places = { from: { ...from, epoch: old }, to: { ...to, epoch } };
            note({ step: 'move', hub, lane, what: to.what, ...places });
          }
        }
        for (const step of registersOf(database, hub, epoch)) note(step);
        return epoch;
      }),
  });
  Object.assign(registers, {
    acknowledge: (given: Parameters<typeof settle>[0]): void => {
      const dirty = new Map(registers.dirty(EVERYTHING.events).map((register) => [register.key, register]));
      const regs: [string, number, number][] = [];
      settle(given);
      for (const [key, ver] of given) {
        const held = dirty.get(key);
        const before = held === undefined ? ver : held.ver - held.sup - 1;
        if (held !== undefined && ver >= before && ver <= held.ver)
          regs.push([key, ver, Math.max(0, ver - before - 1)]);
      }
      committed({ regs });
    },
  });
}

/** Lets every value of a register be noted. */
export function recordRegisters({ database, outbox, registers }: Kept, { hub, note }: Deps): void {
  const set = registers.set.bind(registers);
  const version = database.prepare<[string], { ver: number }>('SELECT ver FROM reg WHERE key = ?');
  Object.assign(registers, {
    set: (key: string, body: unknown): void =>
      database.write(() => {
        set(key, body);
        const ver = version.get(key)?.ver ?? 0;
        const step = { step: 'reg.set', hub, epoch: outbox.epoch, key, ver, hash: hashOf(key, body) } as const;
        database.afterCommit(() => note(step));
      }),
  });
}

/** What a start finds on the card, and what a kill left no time to note when it was committed. */
export function noteOpening({ database, outbox }: Kept, { hub, note }: Deps, before: History): void {
  const { epoch } = outbox;
  if (before.length > 0) for (const step of savedInto(outbox, hub)) note(step);
  // A copy of another card brings along what was noted elsewhere.
  const isOwn = before.some((step) => step.step === 'open');
  const known = new Map<string, number>();
  for (const step of before) if (step.step === 'reg.set' && step.epoch === epoch) known.set(step.key, step.ver);
  const unnoted = registersOf(database, hub, epoch).filter(({ key, ver }) => ver > (known.get(key) ?? 0));
  for (const step of isOwn ? unnoted : []) note(step);
  const ended = database.prepare<[], { cmd: string; result: string }>(
    `SELECT cmd_id AS cmd, result FROM inbox WHERE state = 'DONE'`,
  );
  const told = new Set(before.flatMap((step) => (step.step === 'cmd.result' ? [step.cmd] : [])));
  for (const { cmd, result } of isOwn ? ended.all() : []) {
    const { state } = EndSchema.parse(JSON.parse(result));
    if (!told.has(cmd)) note({ step: 'cmd.result', hub, cmd, state });
  }
  const held = LANES.flatMap((lane) =>
    rangesOf(outbox, lane).flatMap(({ what, from, to }) => (what === 'event' ? [{ lane, from, to }] : [])),
  );
  const next = Object.fromEntries(outbox.lanes().map(({ lane, nextSeq }) => [lane, nextSeq]));
  note({ step: 'open', hub, epoch: outbox.epoch, next, held });
}

/** Where what is held was before: whatever was saved from a damaged file is in an epoch that nobody has seen begin. */
function savedInto(outbox: Store['outbox'], hub: string) {
  const { epoch } = outbox;
  return LANES.flatMap((lane) => {
    const { slices, gaps } = outbox.pieces(lane, EVERYTHING);
    const ofEvents = slices.flatMap(({ first, events }) =>
      events.flatMap(({ was }, index) => {
        const from = was?.at(-1);
        const seq = first + index;
        return from === undefined ? [] : [moved('event', lane, { ...from, to: from.seq, from: from.seq }, [seq, seq])];
      }),
    );
    const ofGaps = gaps.flatMap(({ from, to, was }) =>
      (was ?? []).map((place) => moved('gap', lane, place, [from, to])),
    );
    return [...ofEvents, ...ofGaps];
  });

  function moved(
    what: 'event' | 'gap',
    lane: Lane,
    place: { epoch: string; from: number; to: number },
    into: number[],
  ) {
    const [from = 1, to = 1] = into;
    const old = { epoch: place.epoch, from: place.from, to: place.to };
    return { step: 'move', hub, lane, what, from: old, to: { epoch, from, to } } as const;
  }
}

/** Every register as if it were set now. */
function registersOf(database: Store['database'], hub: string, epoch: string) {
  const rows = database.prepare<[], { key: string; ver: number; body: string }>('SELECT key, ver, body FROM reg').all();
  return rows.map(({ key, ver, body }) => {
    return { step: 'reg.set', hub, epoch, key, ver, hash: hashOf(key, JSON.parse(body)) } as const;
  });
}

/** What a lane holds from the first unacknowledged number on. */
function rangesOf(outbox: Store['outbox'], lane: Lane): Range[] {
  const { slices, gaps } = outbox.pieces(lane, EVERYTHING);
  const ofEvents = slices.map(
    ({ first, events }): Range => ({ what: 'event', from: first, to: first + events.length - 1 }),
  );
  const ofGaps = gaps.map(({ from, to }: Gap): Range => ({ what: 'gap', from, to }));
  return [...ofEvents, ...ofGaps].sort((a, b) => a.from - b.from);
}
