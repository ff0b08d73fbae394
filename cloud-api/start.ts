import { createHash, randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync } from 'node:fs';
import type { Logger } from 'pino';
import { v7 } from 'uuid';
import type { z } from 'zod';
import { SignerKeysSchema, SunKeyFileSchema, type SunKeys, sunKeysOf } from '../provisioning/hw-id/index.js';
import { WorkOrderKeysSchema } from '../provisioning/work-order/index.js';
import { buildApp } from './app.js';
import { loadKeys } from './auth/keys.js';
import { choresOf } from './chores.js';
import type { Clock } from './clock.js';
import type { CloudConfig } from './config.js';
import type { CloudContext } from './context.js';
import { openDatabase } from './database/open.js';
import { CloudError } from './errors.js';
import { Housekeeping } from './housekeeping.js';
import { AwsIotControl } from './iot-control/aws-iot-control.js';
import { IotTasks } from './iot-control/iot-tasks.js';
import { BackendLink } from './link/backend-link.js';
import { startLink } from './link/start-link.js';
import { Metrics } from './metrics.js';
import { createServices } from './services.js';
import { makeEventDays } from './sync/event-days.js';

const NO_KEYS = { keys: [] };

/** What the service needs of its process. */
export type CloudDeps = { log: Logger; clock: Clock; pid: number };

/** A running service. */
export type Cloud = {
  /** Where it listens, e.g. `http://127.0.0.1:3000`. */
  url: string;
  /** Stops taking requests, lets go of the broker, and closes the database; safe to call twice. */
  stop: () => Promise<void>;
};

/**
 * Starts the cloud API and resolves once it listens; the link to hubs connects on its own.
 * @throws CloudError `config.invalid`, `keys.unusable`, `database.locked`, `database.unusable`, `database.migration-mismatch`
 */
export async function startCloud(config: CloudConfig, { log, clock, pid }: CloudDeps): Promise<Cloud> {
  const dataDir = config.INKLET_DATA_DIR;
  mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  const settings = readSettings(config);
  const metrics = new Metrics();
  metrics.gauge('process_resident_memory_bytes', () => process.memoryUsage.rss());
  const keys = await loadKeys(dataDir);
  const link = createLink(config, { log, clock, metrics });
  const opened = await openDatabase({ url: config.INKLET_DATABASE_URL, dataDir, pid, clock, log });
  const context: CloudContext = {
    ...{ db: opened.db, clock, log, newId: () => v7(), randomBytes, keys, metrics, settings },
    wakeIotTasks: () => iotTasks?.wake(),
  };
  const eventRetentionDays = config.INKLET_EVENT_RETENTION_DAYS;
  const iotTasks = createIotTasks(config, context);
  const services = createServices(context, { publisher: link ?? { publish: () => {} } });
  const housekeeping = new Housekeeping(choresOf(services, { ...opened, eventRetentionDays }), { clock, log });
  const app = await buildApp(services, { linkState: () => link?.state ?? 'none' });
  let stopped: Promise<void> | undefined;
  const stop = () => {
    stopped ??= stopAll([
      () => app.close(),
      async () => link?.stop(),
      () => housekeeping.stop(),
      async () => iotTasks?.stop(),
      () => services.sync.stop(),
      () => services.publicApi.stop(),
      () => opened.db.close(),
    ]);
    return stopped;
  };
  try {
    await prepareDays(context);
    const url = await app.listen({ host: config.INKLET_HOST, port: config.INKLET_PORT });
    settings.publicUrl = config.INKLET_PUBLIC_URL ?? `http://127.0.0.1:${new URL(url).port}`;
    if (link !== undefined) startLink(link, services);
    housekeeping.start();
    iotTasks?.start();
    log.info({ url }, 'listening');
    return { url, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** Events without a day of their own wait for it in the rest, so that a service that cannot make it now goes on. */
async function prepareDays(context: CloudContext): Promise<void> {
  try {
    await makeEventDays(context);
  } catch (error) {
    context.log.error({ err: error }, 'the days of events could not be made; it is tried again within the hour');
  }
}

async function stopAll(steps: readonly (() => Promise<unknown>)[]): Promise<void> {
  let failure: { error: unknown } | undefined;
  for (const step of steps) {
    try {
      await step();
    } catch (error) {
      failure ??= { error };
    }
  }
  if (failure !== undefined) throw failure.error;
}

function createLink(
  config: CloudConfig,
  parts: { log: Logger; clock: Clock; metrics: Metrics },
): BackendLink | undefined {
  const host = config.INKLET_IOT_ENDPOINT;
  if (host === undefined) return undefined;
  const settings = {
    host,
    port: config.INKLET_IOT_PORT,
    clientId: config.INKLET_IOT_CLIENT_ID,
    sharedGroup: config.INKLET_IOT_SHARED_GROUP,
    ca: readSetting('INKLET_IOT_CA_FILE', config.INKLET_IOT_CA_FILE),
    cert: readSetting('INKLET_IOT_CERT_FILE', config.INKLET_IOT_CERT_FILE),
    key: readSetting('INKLET_IOT_KEY_FILE', config.INKLET_IOT_KEY_FILE),
  };
  return new BackendLink(settings, parts);
}

function createIotTasks(
  { INKLET_IOT_CONTROL_ENDPOINT: endpoint, INKLET_IOT_CONTROL_REGION: region }: CloudConfig,
  context: CloudContext,
): IotTasks | undefined {
  if (region !== undefined) return new IotTasks(context, new AwsIotControl({ endpoint, region }));
  context.log.warn('no INKLET_IOT_CONTROL_REGION: certificates that are replaced stay active at AWS IoT');
  return undefined;
}

function readSettings(config: CloudConfig): CloudContext['settings'] {
  return {
    publicUrl: config.INKLET_PUBLIC_URL ?? `http://127.0.0.1:${config.INKLET_PORT}`,
    trustedProxies: config.INKLET_TRUSTED_PROXIES ?? [],
    dataDir: config.INKLET_DATA_DIR,
    signerKeys: readKeyFile('INKLET_SIGNER_KEYS_FILE', config.INKLET_SIGNER_KEYS_FILE, SignerKeysSchema) ?? NO_KEYS,
    workOrderKeys:
      readKeyFile('INKLET_WORK_ORDER_KEYS_FILE', config.INKLET_WORK_ORDER_KEYS_FILE, WorkOrderKeysSchema) ?? NO_KEYS,
    sunKeys: readSunKeys(config.INKLET_SUN_KEYS_FILE),
    hookTokenSha256: readTokenHash('INKLET_HOOK_TOKEN_FILE', config.INKLET_HOOK_TOKEN_FILE),
    operatorTokenSha256: readTokenHash('INKLET_OPERATOR_TOKEN_FILE', config.INKLET_OPERATOR_TOKEN_FILE),
    provisioningLimits: {
      perHardwarePerHour: config.INKLET_HARDWARE_TRIES_PER_HOUR,
      perClaimCertificatePerHour: config.INKLET_CLAIM_CERTIFICATE_TRIES_PER_HOUR,
      plannedPerHour: config.INKLET_PROVISIONING_PLANNED_PER_HOUR,
    },
  };
}

function readTokenHash(name: string, path: string | undefined): Buffer | null {
  if (path === undefined) return null;
  const token = readSetting(name, path).toString('utf8').trim();
  if (token === '') throw new CloudError('config.invalid', `${name}: the file is empty`);
  return createHash('sha256').update(token).digest();
}

function readSunKeys(path: string | undefined): SunKeys | undefined {
  const file = readKeyFile('INKLET_SUN_KEYS_FILE', path, SunKeyFileSchema);
  return file && sunKeysOf(file);
}

/** What is wrong in a file of keys is not told: it may be a part of a key. */
function readKeyFile<T>(name: string, path: string | undefined, schema: z.ZodType<T>): T | undefined {
  if (path === undefined) return undefined;
  try {
    return schema.parse(JSON.parse(readSetting(name, path).toString('utf8')));
  } catch (error) {
    if (error instanceof CloudError) throw error;
    throw new CloudError('config.invalid', `${name}: ${path} is no list of keys`);
  }
}

function readSetting(name: string, path: string | undefined): Buffer {
  try {
    return readFileSync(path ?? '');
  } catch (error) {
    throw new CloudError('config.invalid', `${name}: ${path} cannot be read`, {}, { cause: error });
  }
}
