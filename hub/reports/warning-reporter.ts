import type { Logger } from 'pino';
import type { Clock } from '../../hardware/index.js';
import { timestamp } from '../boot.js';
import type { Outbox } from '../storage/outbox.js';
import { ReportLoop } from './report-loop.js';
import type { Warnings } from './warnings.js';

const EVERY_MS = 60_000;

/** Records what the log of this hub warns of, so that nobody has to come to read it. */
export function warningReporter(deps: {
  warnings: Pick<Warnings, 'take'>;
  outbox: Pick<Outbox, 'enqueue'>;
  clock: Clock;
  log: Logger;
}): ReportLoop {
  const { warnings, outbox, clock, log } = deps;
  const tell = async () => {
    const at = timestamp(clock.now());
    const due = warnings.take(clock.monotonic());
    await Promise.all(due.map((line) => outbox.enqueue({ type: 'hub.warned', body: { at, ...line } })));
  };
  return new ReportLoop({ tell, everyMs: () => EVERY_MS, clock, log });
}
