import { statSync } from 'node:fs';
import { join } from 'node:path';
import { fileBytes as capOf, type QueueLimits } from '../../../hub/storage/queue-limits.js';
import type { Store } from '../../../hub/storage/store.js';
import type { Told } from '../queue/history-writer.js';

const FILES = ['hub.sqlite', 'hub.sqlite-wal'] as const;
/** What a log is cut back to. Source: sync protocol, section 6. */
const WAL_BYTES = 8 * 1024 * 1024;
const MOST_REGISTERS = 100_000;

/** What is on the card, and how much of it the cloud does not have. */
export function sampleOf(
  { outbox, registers }: Pick<Store, 'outbox' | 'registers'>,
  { hub, dataDir, limits }: { hub: string; dataDir: string; limits: QueueLimits },
): Told {
  const size = (file: string) => statSync(join(dataDir, file), { throwIfNoEntry: false })?.size ?? 0;
  const numbers = outbox.lanes().reduce((sum, { nextSeq, acked }) => sum + nextSeq - 1 - acked, 0);
  return {
    step: 'sample',
    hub,
    fileBytes: FILES.reduce((sum, file) => sum + size(file), 0),
    capBytes: Math.ceil(capOf(limits) + WAL_BYTES),
    backlog: numbers + registers.dirty(MOST_REGISTERS).length,
  };
}
