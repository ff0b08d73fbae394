import './lean-heap.js';
import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { networkInterfaces } from 'node:os';
import { join } from 'node:path';
import { destination, type Logger, pino } from 'pino';
import { v7 } from 'uuid';
import { HardwareError, longestRefreshMs, type NfcReader, panelSpec, systemClock } from '../hardware/index.js';
import { KeyStore, type MqttClientChoice } from '../provisioning/index.js';
import { addressOf } from './address-of.js';
import { checkProfile } from './check-profile.js';
import { linkOpener } from './cloud-link/link-opener.js';
import { type HubConfig, readConfig } from './config.js';
import { describeFailure, HubError } from './errors.js';
import { createHub } from './hub.js';
import { IdentitySource } from './identity-source.js';
import { Warnings } from './reports/warnings.js';
import { openWiredHardware } from './wired-hardware.js';

const VERSION = '0.1.0';
const STDERR = 2;
/** Besides twice the longest refresh, which is waited for. */
const STOP_LIMIT_MS = 10_000;
/** The handles of the AWS SDK keep a process alive until garbage is collected, though everything is closed. */
const LEAVE_LIMIT_MS = 100;
/** The processor's temperature in thousandths of a degree. */
const TEMPERATURE_FILE = '/sys/class/thermal/thermal_zone0/temp';
const CREDENTIALS = ['*.keyPem', '*.privateKeyPem', '*.token', '*.code', 'req.headers.authorization'];

async function main(): Promise<void> {
  const config = readConfig(process.env);
  await checkProfile(config);
  const warnings = new Warnings();
  const { hooks } = warnings;
  const log = pino({ level: config.INKLET_LOG_LEVEL, redact: CREDENTIALS, hooks }, destination(STDERR));
  const hardware = await openWiredHardware(config, { clock: systemClock, random: Math.random, log });
  if (config.INKLET_HARDWARE_SOCKET === undefined)
    log.info({ nfc: config.INKLET_NFC }, 'panel and tag reader on this machine');
  const iot = await iotEndpoint(config);
  const keyStore = new KeyStore({ dir: join(config.INKLET_DATA_DIR, 'identity') });
  const identity = iot === undefined ? undefined : identitySource(config, { iot, keyStore }, hardware.nfc, log);
  const leave = () => void stop();
  const hub = createHub({
    config,
    version: VERSION,
    panel: hardware.panel,
    identity,
    keyStore,
    openLink: linkOpener({ iot, clock: systemClock, random: Math.random, log: log.child({ mod: 'link' }) }),
    startRenderer: async () => {
      const { startRenderer } = await import('../render/index.js');
      return startRenderer({ cacheDir: join(config.INKLET_DATA_DIR, 'fonts') });
    },
    frameToPng: async (frame, inks) => (await import('../render/index.js')).frameToPng(frame, inks),
    fetch: (input, init) => fetch(input, init),
    // Whoever keeps the hub running starts it again; the command's end is stored before it leaves.
    reboot: async () => void setImmediate(leave),
    warnings,
    rssBytes: () => process.memoryUsage.rss(),
    temperatureC: async () => (await thousandthsIn(TEMPERATURE_FILE)) ?? null,
    roomTemperatureC: async () =>
      config.INKLET_ROOM_TEMPERATURE_FILE === undefined
        ? undefined
        : thousandthsIn(config.INKLET_ROOM_TEMPERATURE_FILE),
    clock: systemClock,
    random: Math.random,
    newId: () => v7(),
    newEpoch: () => randomBytes(16).toString('hex'),
    randomBytes,
    addressOf: (host) => addressOf(host, networkInterfaces()),
    log,
  });

  const stopLimitMs = STOP_LIMIT_MS + 2 * longestRefreshMs(panelSpec(config.INKLET_PANEL));

  async function stop(): Promise<void> {
    // Leaves only if closing hangs.
    setTimeout(() => process.exit(1), stopLimitMs).unref();
    await hub.stop();
    await hardware.close();
    setTimeout(() => process.exit(), LEAVE_LIMIT_MS).unref();
  }

  process.once('SIGTERM', leave);
  process.once('SIGINT', leave);
  const { url } = await hub.start().catch(async (error: unknown) => {
    await stop();
    throw error;
  });
  process.stdout.write(`${JSON.stringify({ ready: true, url })}\n`);
}

type Iot = { endpoint: string; port: number; caPem: string; template: string; mqttClient: MqttClientChoice };

async function iotEndpoint(config: HubConfig): Promise<Iot | undefined> {
  const { INKLET_IOT_ENDPOINT: endpoint, INKLET_IOT_CA_FILE: caFile, INKLET_PROVISIONING_TEMPLATE: template } = config;
  if (endpoint === undefined || caFile === undefined) return undefined;
  const { INKLET_IOT_PORT: port, INKLET_MQTT_CLIENT: mqttClient } = config;
  return { endpoint, port, caPem: await readFile(caFile, 'utf8'), template, mqttClient };
}

function identitySource(
  config: HubConfig,
  { iot, keyStore }: { iot: Iot; keyStore: KeyStore },
  nfc: NfcReader,
  log: Logger,
): IdentitySource {
  return new IdentitySource({
    keyStore,
    nfc,
    signerKeysFile: config.INKLET_SIGNER_KEYS_FILE ?? '',
    claimCertFile: config.INKLET_CLAIM_CERT_FILE,
    claimKeyFile: config.INKLET_CLAIM_KEY_FILE,
    iot,
    clock: systemClock,
    random: Math.random,
    log: log.child({ mod: 'provisioning' }),
  });
}

/** What Linux shows of a sensor; undefined where it cannot be read. */
async function thousandthsIn(file: string): Promise<number | undefined> {
  const text = await readFile(file, 'utf8').catch(() => undefined);
  const thousandths = text === undefined ? Number.NaN : Number.parseInt(text, 10);
  return Number.isFinite(thousandths) ? thousandths / 1000 : undefined;
}

try {
  await main();
} catch (error) {
  const { code, message } = describeFailure(error, 'hub.internal');
  const isExpected = error instanceof HubError || error instanceof HardwareError;
  process.stderr.write(`${code}: ${message}\n${isExpected || !(error instanceof Error) ? '' : `${error.stack}\n`}`);
  process.exitCode = 1;
}
