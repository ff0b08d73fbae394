import { longestRefreshMs, panelSpec } from '../../hardware/index.js';
import { REGION } from '../iot-core/arn.js';
import { built } from './built.js';
import type { HouseholdCredentials } from './credentials.js';
import type { ProductSpec } from './product-process.js';
import type { Router } from './router.js';
import type { HouseholdSettings } from './settings.js';
import type { World } from './world.js';

const HOST = '127.0.0.1';
const CLOUD_STOP_LIMIT_MS = 8_000;
/** Besides twice the longest refresh, which the hub waits for. */
const HUB_STOP_LIMIT_MS = 15_000;
/** Simulated glass does not wear out: a rest that a newcomer sees, and does not have to wait for. */
const REST_S = 5;

type HubSettings = Pick<HouseholdSettings, 'home' | 'panel' | 'clock' | 'baseEnv'> & {
  readonly ports: Pick<HouseholdSettings['ports'], 'hub'>;
};

/** The cloud with everything it is configured by. */
export function cloudProcess(
  settings: HouseholdSettings,
  { iotCore, iotControlUrl }: Pick<World, 'iotCore' | 'iotControlUrl'>,
  { backend, hookTokenFile, operatorTokenFile }: HouseholdCredentials,
): ProductSpec {
  const { home, ports, clock, databaseUrl, baseEnv } = settings;
  return {
    name: 'cloud',
    script: built('cloud-api', 'main.js'),
    logFile: home.path('logs', 'cloud.log'),
    stopLimitMs: CLOUD_STOP_LIMIT_MS,
    clock,
    env: {
      ...baseEnv,
      ...iotEndpoint(iotCore),
      ...iotControl(iotControlUrl),
      INKLET_HOST: HOST,
      INKLET_PORT: String(ports.cloud),
      INKLET_DATA_DIR: home.path('cloud'),
      INKLET_IOT_CERT_FILE: backend.certFile,
      INKLET_IOT_KEY_FILE: backend.keyFile,
      INKLET_HOOK_TOKEN_FILE: hookTokenFile,
      INKLET_OPERATOR_TOKEN_FILE: operatorTokenFile,
      INKLET_SIGNER_KEYS_FILE: signerKeysFile(settings),
      ...(databaseUrl === undefined ? {} : { INKLET_DATABASE_URL: databaseUrl }),
    },
  };
}

/** The hub, whose hardware is at the other end of a socket and whose internet is behind the router. */
export function hubProcess(
  settings: HubSettings,
  { iotCore, hardwareSocket }: Pick<World, 'iotCore' | 'hardwareSocket'>,
  { claim }: Pick<HouseholdCredentials, 'claim'>,
  router: Pick<Router, 'port'>,
): ProductSpec {
  const { home, panel, ports, clock, baseEnv } = settings;
  const spec = panelSpec(panel);
  return {
    name: 'hub',
    script: built('hub', 'main.js'),
    logFile: home.path('logs', 'hub.log'),
    stopLimitMs: HUB_STOP_LIMIT_MS + 2 * longestRefreshMs(spec),
    clock,
    env: {
      ...(spec.limits.minIntervalMs > 0 ? { INKLET_PANEL_REST_S: String(REST_S) } : {}),
      ...baseEnv,
      ...iotEndpoint(iotCore),
      INKLET_HOST: HOST,
      INKLET_PORT: String(ports.hub),
      INKLET_DATA_DIR: home.path('hub'),
      // As its service on a Pi is to set it: freed pictures go back to the system instead of staying with glibc.
      MALLOC_MMAP_THRESHOLD_: '32768',
      INKLET_CLOUD_URL: `http://${HOST}:${router.port}`,
      INKLET_CLAIM_CERT_FILE: claim.certFile,
      INKLET_CLAIM_KEY_FILE: claim.keyFile,
      INKLET_SIGNER_KEYS_FILE: signerKeysFile(settings),
      INKLET_HARDWARE_SOCKET: hardwareSocket,
      INKLET_PANEL: panel,
    },
  };
}

function iotEndpoint({ port, caFile }: World['iotCore']): Record<string, string> {
  return { INKLET_IOT_ENDPOINT: HOST, INKLET_IOT_PORT: String(port), INKLET_IOT_CA_FILE: caFile };
}

/** The AWS SDK signs what it sends, and asks nobody else for credentials; the stand-in takes any. */
function iotControl(url: string): Record<string, string> {
  return {
    INKLET_IOT_CONTROL_ENDPOINT: url,
    INKLET_IOT_CONTROL_REGION: REGION,
    AWS_ACCESS_KEY_ID: 'stand-in',
    AWS_SECRET_ACCESS_KEY: 'stand-in',
    AWS_EC2_METADATA_DISABLED: 'true',
  };
}

function signerKeysFile({ home }: Pick<HouseholdSettings, 'home'>): string {
  return home.path('factory', 'signer-keys.json');
}
