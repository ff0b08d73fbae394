import { openSync, writeSync } from 'node:fs';
import { z } from 'zod';
import { LaneSchema } from '../../../../contract/index.js';
import { seededRandom } from '../../../../device-sim/epd/seeded-random.js';
import type { Store } from '../../../../hub/storage/store.js';
import { eventOf } from '../../power/filled-store.js';
import type { Mark } from '../../power/marks.js';
import { KILL_FAULTS, openFaulty } from '../kill-faults.js';

// A store at work as fast as it can, until it is killed. Each promise is written down as soon as it was given.
const SettingsSchema = z.object({
  dataDir: z.string(),
  history: z.string(),
  seed: z.number(),
  fault: z.enum(KILL_FAULTS).optional(),
});

const PRODUCERS = 3;
const KEYS = 5;

const { dataDir, history, seed, fault } = SettingsSchema.parse(JSON.parse(process.argv[2] ?? ''));
const random = seededRandom(seed);
const marks = openSync(history, 'a');
// Ends the line that a kill may have cut.
writeSync(marks, '\n');
const pick = (below: number) => Math.floor(random() * below);

function mark(what: Mark): void {
  writeSync(marks, `${JSON.stringify(what)}\n`);
}

async function produce({ outbox }: Store): Promise<void> {
  for (;;) {
    const event = eventOf(pick(1_000_000));
    const place = await outbox.enqueue(event);
    mark({ step: 'ok', ...place, body: JSON.stringify(event.body) });
    process.stdout.write('.');
  }
}

async function acknowledge({ database, outbox }: Store): Promise<void> {
  for (;;) {
    const { lane, acked, nextSeq } = outbox.lane(LaneSchema.parse(pick(4)));
    const seq = acked + pick(nextSeq - acked);
    mark({ step: 'acking', lane, seq });
    database.write(() => outbox.acknowledge(lane, seq));
    mark({ step: 'acked', lane, seq });
    for (let turns = pick(5); turns >= 0; turns -= 1) await new Promise((resolve) => setImmediate(resolve));
  }
}

async function setRegisters({ registers }: Store): Promise<void> {
  for (let value = seed * 1_000_000; ; value += 1) {
    const key = `key-${pick(KEYS)}`;
    mark({ step: 'setting', key, value });
    registers.set(key, { value });
    mark({ step: 'set', key, value });
    for (let turns = pick(5); turns >= 0; turns -= 1) await new Promise((resolve) => setImmediate(resolve));
  }
}

const store = await openFaulty(dataDir, fault);
mark({ step: 'open', epoch: store.outbox.epoch });
const producers = Array.from({ length: PRODUCERS }, () => produce(store));
await Promise.all([...producers, acknowledge(store), setRegisters(store)]);
