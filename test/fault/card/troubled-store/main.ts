import { closeSync, openSync, writeSync } from 'node:fs';
import { z } from 'zod';
import { LaneSchema } from '../../../../contract/index.js';
import { seededRandom } from '../../../../device-sim/epd/seeded-random.js';
import { HubError } from '../../../../hub/errors.js';
import type { Store } from '../../../../hub/storage/store.js';
import { eventOf, openIn } from '../../power/filled-store.js';
import type { Mark } from '../../power/marks.js';

// A store at work on a card that refuses some of what it is asked: it says what it was promised, and what it was refused.
const SettingsSchema = z.object({ dataDir: z.string(), history: z.string(), seed: z.number(), turns: z.number() });

const MOST_OPENS = 5;

const { dataDir, history, seed, turns } = SettingsSchema.parse(JSON.parse(process.argv[2] ?? ''));
const random = seededRandom(seed);
const marks = openSync(history, 'a');
const pick = (below: number) => Math.floor(random() * below);

function mark(what: Mark): void {
  writeSync(marks, `${JSON.stringify(what)}\n`);
}

/** A refusal with a code is what a caller is told; everything else ends the process. */
function refused(error: unknown): void {
  if (!(error instanceof HubError)) throw error;
  mark({ step: 'refused', code: error.code });
}

async function open(): Promise<Store> {
  for (let opens = 1; ; opens += 1) {
    try {
      const store = await openIn(dataDir);
      mark({ step: 'open', epoch: store.outbox.epoch });
      return store;
    } catch (error) {
      if (opens === MOST_OPENS) throw error;
      refused(error);
    }
  }
}

async function enqueue({ outbox }: Store): Promise<void> {
  const turn = Array.from({ length: 1 + pick(6) }, () => eventOf(pick(1_000_000)));
  await Promise.all(
    turn.map(async (event) => {
      const place = await outbox.enqueue(event).catch(refused);
      if (place !== undefined) mark({ step: 'ok', ...place, body: JSON.stringify(event.body) });
    }),
  );
}

function acknowledge({ database, outbox }: Store): void {
  const { lane, acked, nextSeq } = outbox.lane(LaneSchema.parse(pick(4)));
  const seq = acked + pick(nextSeq - acked);
  mark({ step: 'acking', lane, seq });
  try {
    database.write(() => outbox.acknowledge(lane, seq));
    mark({ step: 'acked', lane, seq });
  } catch (error) {
    refused(error);
  }
}

let store = await open();
for (let turn = 0; turn < turns; turn += 1) {
  if (pick(4) > 0) await enqueue(store);
  else acknowledge(store);
  if (turn === Math.floor(turns / 2)) {
    await store.close();
    store = await open();
  }
}
await store.close();
closeSync(marks);
