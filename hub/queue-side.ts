import type { Logger } from 'pino';
import type { Clock } from '../hardware/index.js';
import type { CloudSide } from './cloud-side.js';
import { HubError } from './errors.js';
import { CommitTimes } from './metrics/commit-times.js';
import { type QueueReport, queueReport } from './queue-report.js';
import { healthReporter } from './reports/health-reporter.js';
import { LinkWatch } from './reports/link-watch.js';
import type { ReportLoop } from './reports/report-loop.js';
import { StorageWatch } from './reports/storage-watch.js';
import { telemetryReporter } from './reports/telemetry-reporter.js';
import { warningReporter } from './reports/warning-reporter.js';
import type { Warnings } from './reports/warnings.js';
import type { Store } from './storage/store.js';

export type QueueSideDeps = {
  store: Pick<Store, 'database' | 'boot' | 'meta' | 'outbox' | 'registers' | 'ballast'>;
  version: string;
  /** Whether there is meant to be a cloud: for nobody nothing is kept. */
  hasCloud: boolean;
  isRefused: () => boolean;
  cloud: () => Pick<CloudSide, 'syncStatus' | 'link'> | undefined;
  warnings: Pick<Warnings, 'take'> | undefined;
  rssBytes: () => number;
  temperatureC: () => Promise<number | null>;
  freeBytes: () => Promise<number | null>;
  clock: Clock;
  log: Logger;
};

/** What the hub tells of itself: the queue, the card, the link and the log. */
export class QueueSide {
  readonly #deps: QueueSideDeps;
  readonly #commits: CommitTimes;
  readonly #storage: StorageWatch;
  readonly #link: LinkWatch;
  readonly #loops: ReportLoop[];

  constructor(deps: QueueSideDeps) {
    const { store, warnings, clock } = deps;
    const given = { ...deps, ...store, log: deps.log.child({ mod: 'reports' }) };
    this.#deps = deps;
    this.#commits = new CommitTimes(clock);
    this.#storage = new StorageWatch(given);
    this.#link = new LinkWatch(given);
    this.#loops = [telemetryReporter(given), healthReporter(given)];
    if (warnings !== undefined) this.#loops.push(warningReporter({ ...given, warnings }));
  }

  start(): void {
    const { store, hasCloud } = this.#deps;
    store.database.watch((write) => this.#commits.time(() => this.#noting(write)));
    if (!hasCloud) return;
    this.#link.start();
    this.#storage.start();
    for (const loop of this.#loops) loop.start();
  }

  async stop(): Promise<void> {
    await Promise.all([this.#link.stop(), this.#storage.stop(), ...this.#loops.map((loop) => loop.stop())]);
  }

  /** Takes every state of the link to the cloud. */
  hearLink(state: ReturnType<CloudSide['link']>): void {
    this.#link.hear(state);
  }

  /** How all of it is now. */
  report(): Promise<QueueReport> {
    const { store, freeBytes, hasCloud, isRefused, cloud } = this.#deps;
    return queueReport({ ...store, freeBytes, commits: this.#commits, hasCloud, isRefused, cloud });
  }

  #noting<T>(write: () => T): T {
    try {
      return write();
    } catch (error) {
      if (error instanceof HubError && error.code.startsWith('storage.')) this.#storage.note(error.code);
      throw error;
    }
  }
}
