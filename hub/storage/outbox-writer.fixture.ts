import { systemClock } from '../../hardware/index.js';
import { openStore } from './store.js';

// Writes events until it is killed, and says the number of each once it is promised to be on disk.
let ids = 0;
const newId = () => {
  ids += 1;
  return `01890000-0000-7000-8000-${`${ids}`.padStart(12, '0')}`;
};
const [, , dataDir = ''] = process.argv;
const { outbox } = await openStore({ dataDir, clock: systemClock, newId, newEpoch: () => '0'.repeat(32) });
for (;;) {
  const { seq } = await outbox.enqueue({ type: 'hub.started', body: { version: 'x', bootId: newId() } });
  process.stdout.write(`${seq}\n`);
}
