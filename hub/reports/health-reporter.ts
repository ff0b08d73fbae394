import type { Logger } from 'pino';
import type { Health } from '../../contract/index.js';
import type { Clock } from '../../hardware/index.js';
import { type Boot, timestamp } from '../boot.js';
import type { Outbox } from '../storage/outbox.js';
import type { LaneFigures } from '../storage/queue-figures.js';
import type { Registers } from '../storage/registers.js';
import { ReportLoop } from './report-loop.js';

export type HealthReporterDeps = {
  outbox: Pick<Outbox, 'figures'>;
  registers: Pick<Registers, 'set'>;
  boot: Boot;
  version: string;
  /** Room on the card; null where it cannot be told. */
  freeBytes: () => Promise<number | null>;
  clock: Clock;
  log: Logger;
};

const EVERY_MS = 60_000;
/** Less than this is no news. */
const FREE_STEP_BYTES = 16 * 1024 * 1024;

/** Sets the register `health` when the queue or the card has changed, once a minute at most. */
export function healthReporter(deps: HealthReporterDeps): ReportLoop {
  const { registers, clock, log } = deps;
  let told = '';
  const tell = async () => {
    const health = await healthOf(deps);
    const news = newsIn(health);
    if (news === told) return;
    registers.set('health', health);
    told = news;
  };
  return new ReportLoop({ tell, everyMs: () => EVERY_MS, clock, log });
}

async function healthOf({ outbox, boot, version, freeBytes }: HealthReporterDeps): Promise<Health> {
  const free = await freeBytes();
  const { lanes, enqueued, acked, rejected, superseded, dropped } = outbox.figures();
  return {
    v: 1,
    at: timestamp(boot.now().wallMs),
    version,
    lanes: { 0: laneHealth(lanes[0]), 1: laneHealth(lanes[1]), 2: laneHealth(lanes[2]), 3: laneHealth(lanes[3]) },
    enqueued,
    acked,
    rejected,
    superseded,
    dropped,
    freeBytes: free,
  };
}

function laneHealth({ rows, bytes, oldestMs }: LaneFigures): Health['lanes'][0] {
  return { rows, bytes, oldestS: oldestMs === null ? null : oldestMs / 1000 };
}

/** Not what changes by itself: the time, the age of what waits, and how often this very register was overwritten. */
function newsIn({ version, enqueued, acked, rejected, dropped, freeBytes }: Health): string {
  const free = freeBytes === null ? null : Math.round(freeBytes / FREE_STEP_BYTES);
  return JSON.stringify({ version, enqueued, acked, rejected, dropped, free });
}
