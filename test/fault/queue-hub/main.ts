// A hub whose store, exchange, link and executor are the product's own, and which needs no panel, no tag and little time.
// What it does is noted in a history before anybody is told of it.
import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { pino } from 'pino';
import { v7 } from 'uuid';
import { seededRandom } from '../../../device-sim/epd/seeded-random.js';
import { systemClock } from '../../../hardware/index.js';
import { readHistory } from '../queue/history-reader.js';
import { HistoryWriter } from '../queue/history-writer.js';
import { startQueueHub } from './queue-hub.js';
import { OrderSchema, QueueHubSettingsSchema, type Word } from './settings.js';

const settings = QueueHubSettingsSchema.parse(JSON.parse(await readFile(process.env.QUEUE_HUB_SETTINGS ?? '', 'utf8')));
const { historyFile } = settings;
const before = existsSync(historyFile) ? readHistory(historyFile) : [];
const writer = new HistoryWriter(historyFile, { proc: settings.card, clock: systemClock });
const log = pino({ level: process.env.INKLET_LOG_LEVEL ?? 'warn' }, pino.destination({ dest: 2, sync: true }));
const hub = await startQueueHub(settings, {
  note: (told) => writer.note(told),
  before,
  random: seededRandom(settings.seed),
  newId: () => v7(),
  newEpoch: () => randomBytes(16).toString('hex'),
  log,
});
say({ say: 'ready' });

for await (const line of createInterface({ input: process.stdin })) {
  const order = OrderSchema.parse(JSON.parse(line));
  if (order.do === 'jump') hub.clock.jump(order.ms);
  else void hub.drain().then(() => say({ say: 'drained' }));
}
// Who holds the other end has let go.
await hub.stop();

function say(word: Word): void {
  process.stdout.write(`${JSON.stringify(word)}\n`);
}
