import type { Logger } from 'pino';
import { deviceTopics, type Heartbeat } from '../../contract/index.js';
import type { Clock } from '../../hardware/index.js';
import { type Boot, timestamp } from '../boot.js';
import type { CloudLink } from '../cloud-link/cloud-link.js';
import type { Outbox } from '../storage/outbox.js';
import { ReportLoop } from './report-loop.js';
import type { HubFacts } from './state-reporter.js';

export type HeartbeatReporterDeps = {
  link: Pick<CloudLink, 'publish' | 'state'>;
  facts: Pick<HubFacts, 'thingName' | 'version'>;
  outbox: Pick<Outbox, 'depth'>;
  boot: Boot;
  intervalS: () => number;
  rssBytes: () => number;
  /** Of the processor; null where it cannot be read. */
  temperatureC: () => Promise<number | null>;
  clock: Clock;
  log: Logger;
};

/** The periodic sign of life: to be told of each connection and change of the interval, then by interval. */
export function heartbeatReporter(deps: HeartbeatReporterDeps): ReportLoop {
  const { clock, intervalS, log } = deps;
  return new ReportLoop({ tell: () => tell(deps), everyMs: () => intervalS() * 1000, clock, log });
}

async function tell(deps: HeartbeatReporterDeps): Promise<void> {
  const { link, facts } = deps;
  const { connected, connectedSinceMs, reconnects } = link.state();
  if (!connected || connectedSinceMs === undefined) return;
  const message = await messageOf(deps, { connectedSince: timestamp(connectedSinceMs), reconnects });
  await link.publish(deviceTopics(facts.thingName).heartbeat, JSON.stringify(message));
}

async function messageOf(deps: HeartbeatReporterDeps, link: Heartbeat['link']): Promise<Heartbeat> {
  const { boot, facts, outbox, rssBytes, temperatureC, intervalS } = deps;
  const now = boot.now();
  return {
    v: 1,
    at: timestamp(now.wallMs),
    bootId: boot.id,
    uptimeS: now.monoMs / 1000,
    version: facts.version,
    queueDepth: outbox.depth(),
    rssBytes: rssBytes(),
    temperatureC: await temperatureC(),
    link,
    nextHeartbeatS: intervalS(),
  };
}
