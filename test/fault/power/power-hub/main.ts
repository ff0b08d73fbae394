import { closeSync, openSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { v7 } from 'uuid';
import { z } from 'zod';
import { LaneSchema } from '../../../../contract/index.js';
import { seededRandom } from '../../../../device-sim/epd/seeded-random.js';
import type { Store } from '../../../../hub/storage/store.js';
import { eventOf, openIn } from '../filled-store.js';
import { MARKS_FILE, type Mark } from '../marks.js';

// A store at work, whose every write is recorded: it says what it was promised as soon as it was.
const SettingsSchema = z.object({
  dataDir: z.string(),
  seed: z.number(),
  turns: z.number(),
  /** Set after every open in place of what the store set; FULL leaves it. */
  synchronous: z.enum(['FULL', 'NORMAL', 'OFF']),
  checkpointPages: z.number().optional(),
});

const { dataDir, seed, turns, synchronous, checkpointPages } = SettingsSchema.parse(JSON.parse(process.argv[2] ?? ''));
const random = seededRandom(seed);
const marks = openSync(join(dataDir, MARKS_FILE), 'a');
const pick = (below: number) => Math.floor(random() * below);
let events = 0;

function mark(what: Mark): void {
  writeSync(marks, `${JSON.stringify(what)}\n`);
}

async function open(): Promise<Store> {
  const store = await openIn(dataDir);
  if (synchronous !== 'FULL') store.database.prepare(`PRAGMA synchronous = ${synchronous}`).run();
  if (checkpointPages !== undefined) store.database.prepare(`PRAGMA wal_autocheckpoint = ${checkpointPages}`).get();
  mark({ step: 'open', epoch: store.outbox.epoch });
  return store;
}

async function enqueue({ outbox }: Store): Promise<void> {
  const turn = Array.from({ length: 1 + pick(12) }, () => {
    events += 1;
    return eventOf(events);
  });
  await Promise.all(
    turn.map(async (event) => {
      const place = await outbox.enqueue(event);
      mark({ step: 'ok', ...place, body: JSON.stringify(event.body) });
    }),
  );
}

function acknowledge({ database, outbox }: Store): void {
  const { lane, acked, nextSeq } = outbox.lane(LaneSchema.parse(pick(4)));
  const seq = acked + pick(nextSeq - acked);
  mark({ step: 'acking', lane, seq });
  database.write(() => outbox.acknowledge(lane, seq));
  mark({ step: 'acked', lane, seq });
}

let store = await open();
for (let turn = 0; turn < turns; turn += 1) {
  const what = pick(20);
  if (what < 14) await enqueue(store);
  else if (what < 18) acknowledge(store);
  else if (what === 18) store.displays.ensure('7in5_V2', { displayId: v7(), name: `${turn}`, atMs: turn });
  else if (turn % 3 === 0) {
    await store.close();
    store = await open();
  }
}
closeSync(marks);
