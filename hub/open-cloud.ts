import type { HubIdentity } from '../provisioning/index.js';
import { CloudSide, type CloudSideDeps } from './cloud-side.js';
import type { HubDeps } from './hub-deps.js';
import { freeBytes } from './storage/free-bytes.js';

/** What the hub joins the cloud with. */
export type CloudParts = Pick<CloudSideDeps, 'store' | 'intake' | 'rotator' | 'displayStates' | 'onLink'>;

/** What the cloud has set goes before the settings of the process. */
export function openCloud(
  deps: HubDeps,
  { identity, cloudUrl }: { identity: HubIdentity; cloudUrl: string },
  parts: CloudParts,
): Promise<CloudSide> {
  const { config, version, openLink, rssBytes, temperatureC, fetch, newId, clock, random, log } = deps;
  const { hwId, thingName, model } = identity;
  const { meta } = parts.store;
  return CloudSide.open({
    ...parts,
    identity,
    facts: { hwId, thingName, model: String(model), version },
    cloudUrl: cloudUrl.replace(/\/+$/, ''),
    openLink,
    heartbeatIntervalS: () => meta.number('heartbeat_interval_s') ?? config.INKLET_HEARTBEAT_INTERVAL_S,
    syncIntervalS: () => meta.number('sync_interval_s') ?? config.INKLET_SYNC_INTERVAL_S,
    rssBytes,
    temperatureC,
    freeBytes: () => freeBytes(config.INKLET_DATA_DIR),
    fetch,
    newId,
    clock,
    random,
    log,
  });
}
