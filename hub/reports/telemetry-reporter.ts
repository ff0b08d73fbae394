import type { Logger } from 'pino';
import type { Clock } from '../../hardware/index.js';
import { type Boot, timestamp } from '../boot.js';
import type { Outbox } from '../storage/outbox.js';
import { ReportLoop } from './report-loop.js';

export type TelemetryReporterDeps = {
  outbox: Pick<Outbox, 'enqueue' | 'lanes'>;
  boot: Boot;
  rssBytes: () => number;
  /** Of the processor; null where it cannot be read. */
  temperatureC: () => Promise<number | null>;
  /** Room on the card; null where it cannot be told. */
  freeBytes: () => Promise<number | null>;
  clock: Clock;
  log: Logger;
};

const EVERY_MS = 15 * 60 * 1000;

/** How the hub is, every quarter of an hour, kept also while the cloud is away. */
export function telemetryReporter(deps: TelemetryReporterDeps): ReportLoop {
  const { clock, log } = deps;
  return new ReportLoop({ tell: () => tell(deps), everyMs: () => EVERY_MS, clock, log });
}

async function tell({ outbox, boot, rssBytes, temperatureC, freeBytes }: TelemetryReporterDeps): Promise<void> {
  const [temperature, free] = await Promise.all([temperatureC(), freeBytes()]);
  const { monoMs, wallMs } = boot.now();
  const lanes = outbox.lanes();
  await outbox.enqueue({
    type: 'hub.telemetry',
    body: {
      at: timestamp(wallMs),
      uptimeS: monoMs / 1000,
      rssBytes: rssBytes(),
      temperatureC: temperature,
      freeBytes: free,
      queueRows: lanes.reduce((sum, { rows }) => sum + rows, 0),
      queueBytes: lanes.reduce((sum, { bytes }) => sum + bytes, 0),
    },
  });
}
