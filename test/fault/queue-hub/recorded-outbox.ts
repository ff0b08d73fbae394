import type { Lane } from '../../../contract/index.js';
import type { LogPlace } from '../../../hub/storage/outbox.js';
import type { Store } from '../../../hub/storage/store.js';
import type { Told } from '../queue/history-writer.js';
import { hashOf } from './hash-of.js';
import { laneOf } from './lane-of.js';

type Deps = { hub: string; note: (told: Told) => void };

type Row = { lane: Lane; seq: number; id: string };

/** Lets every change of the log be noted: before anybody hears of it, and never later than its commit is known. */
export function recordOutbox({ database, outbox }: Pick<Store, 'database' | 'outbox'>, { hub, note }: Deps): void {
  const append = outbox.append.bind(outbox);
  const acknowledge = outbox.acknowledge.bind(outbox);
  const startNewEpoch = outbox.startNewEpoch.bind(outbox);
  const rows = database.prepare<[], Row>('SELECT lane, seq, id FROM log ORDER BY lane, seq');
  const acked: Partial<Record<Lane, number>> = {};

  const noteCommit = () => {
    note({ step: 'hub.commit', hub, epoch: outbox.epoch, acks: { ...acked }, regs: [] });
    for (const lane of [0, 1, 2, 3] as const) delete acked[lane];
  };

  Object.assign(outbox, {
    append: (...given: Parameters<typeof append>): LogPlace => {
      const [event] = given;
      const hash = hashOf(event.type, event.body);
      note({ step: 'enq.call', hub, lane: laneOf(event), hash });
      const place = append(...given);
      const { epoch } = outbox;
      database.afterCommit(() => note({ step: 'enq.ok', hub, epoch, hash, ...place }));
      return place;
    },
    acknowledge: (lane: Lane, ack: number): void => {
      acknowledge(lane, ack);
      acked[lane] = outbox.lane(lane).acked;
      database.afterCommit(noteCommit);
    },
    startNewEpoch: (): string =>
      database.write(() => {
        const old = outbox.epoch;
        const before = new Map(rows.all().map(({ lane, seq, id }) => [id, { lane, seq }]));
        const epoch = startNewEpoch();
        for (const { lane, seq, id } of rows.all()) {
          const from = before.get(id)?.seq ?? 0;
          const places = { from: { epoch: old, from, to: from }, to: { epoch, from: seq, to: seq } };
          note({ step: 'move', hub, lane, what: 'event', ...places });
        }
        return epoch;
      }),
  });
}

/** What a start finds on the card. */
export function noteOpening({ database, outbox }: Pick<Store, 'database' | 'outbox'>, { hub, note }: Deps): void {
  const seqs = database.prepare<[], Row>('SELECT lane, seq, id FROM log ORDER BY lane, seq').all();
  const held: { lane: Lane; from: number; to: number }[] = [];
  for (const { lane, seq } of seqs) {
    const last = held.at(-1);
    if (last?.lane === lane && last.to === seq - 1) last.to = seq;
    else held.push({ lane, from: seq, to: seq });
  }
  const next = Object.fromEntries(outbox.lanes().map(({ lane, nextSeq }) => [lane, nextSeq]));
  note({ step: 'open', hub, epoch: outbox.epoch, next, held });
}
