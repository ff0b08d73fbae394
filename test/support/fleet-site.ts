import { randomBytes } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type Logger, pino } from 'pino';
import { SimPanel } from '../../device-sim/epd/sim-panel.js';
import { serveHardware } from '../../device-sim/hardware-socket-server.js';
import { type HouseholdCredentials, openCredentials } from '../../device-sim/household/credentials.js';
import { type Factory, openFactory, registerHardware } from '../../device-sim/household/factory.js';
import { type Home, writePrivate } from '../../device-sim/household/home.js';
import { callOnly } from '../../device-sim/household/http.js';
import { ProductProcess, type ProductSpec } from '../../device-sim/household/product-process.js';
import { cloudProcess, hubProcess } from '../../device-sim/household/products.js';
import { type Router, startRouter } from '../../device-sim/household/router.js';
import { Started } from '../../device-sim/household/started.js';
import { Ntag21x, SimNfcReader, scaledClock, startIotCore } from '../../device-sim/index.js';
import type { Credentials } from '../../device-sim/iot-core/certificate-authority.js';
import { startControlDoor } from '../../device-sim/iot-core/control-door.js';
import type { IotCore } from '../../device-sim/iot-core/iot-core.js';
import type { SimTag } from '../../device-sim/nfc/sim-tag.js';
import { systemClock } from '../../hardware/index.js';
import { LANDING_PAGE, thingNameFor, writeSignedTag } from '../../provisioning/index.js';

/** A hub as it leaves the factory: its tag lies on its reader, its claim certificate on its card. */
export type MadeHub = {
  readonly hwId: string;
  readonly thingName: string;
  readonly dir: string;
  /** Where its key store is going to be. */
  readonly identityDir: string;
  readonly claim: Credentials;
  readonly claimKeyFile: string;
  readonly factory: Factory;
  readonly reader: SimNfcReader;
  /** The one that lies there at first. */
  readonly tag: SimTag;
  /** The home's way to the cloud's HTTP side, which can be cut. */
  readonly router: Pick<Router, 'cut' | 'mend'>;
  /** How its process is started; the script is the product's own. */
  readonly spec: ProductSpec;
  stop(): Promise<void>;
};

/** A stand-in for AWS IoT Core and a real cloud that is its hook, for as many hubs as are made. */
export type FleetSite = {
  readonly iotCore: IotCore;
  readonly cloudUrl: string;
  readonly cloudLogFile: string;
  /** What opens a door and is no hub's: nobody may write it down. */
  readonly secrets: readonly string[];
  /** The operator tells a hub to change its key and certificate. */
  orderRotation(hwId: string): Promise<void>;
  /** Makes a hub in a folder and tells the cloud of it; it asks by a claim certificate of its own if none is given. */
  makeHub(dir: string, claim?: Credentials): Promise<MadeHub>;
  /** The tag of a hub that nobody has plugged in yet. */
  makeTag(): Promise<SimTag>;
  stop(): Promise<void>;
};

export type FleetSiteOptions = {
  readonly dir: string;
  /** PostgreSQL; PGlite in the folder if absent. */
  readonly databaseUrl?: string | undefined;
  readonly iotLog?: Logger;
  /** Of cloud and hubs. */
  readonly logLevel?: string;
};

const HOST = '127.0.0.1';
/** The smallest glass, which here is twenty times as fast as in life. */
const PANEL = '2in13_V4';
const GLASS_SPEED = 20;
const SILENT = pino({ level: 'silent' });

/** Starts stand-in and cloud on free ports of loopback. */
export async function startFleetSite(options: FleetSiteOptions): Promise<FleetSite> {
  const started = new Started();
  return await started.orNothing(() => begin(options, started));
}

async function begin(options: FleetSiteOptions, started: Started): Promise<FleetSite> {
  const { dir, iotLog = SILENT, logLevel = 'info' } = options;
  const home = homeIn(dir);
  const iotCore = started.add(
    await startIotCore({ dir: home.path('iot-core'), host: HOST, port: 0, clock: systemClock, log: iotLog }),
  );
  const factory = await openFactory(home);
  const credentials = await openCredentials(home, iotCore.admin);
  const cloudSpec = await cloudOf({ ...options, logLevel }, home, iotCore, credentials, started);
  const cloud = started.add(await ProductProcess.start(cloudSpec, new AbortController().signal));
  const { hookToken, operatorToken } = credentials;
  iotCore.admin.setHook({
    url: `${cloud.url}/v1/hooks/pre-provisioning`,
    headers: { authorization: `Bearer ${hookToken}` },
  });
  return {
    iotCore,
    cloudUrl: cloud.url,
    cloudLogFile: cloudSpec.logFile,
    secrets: [hookToken, operatorToken],
    orderRotation: (hwId) => {
      const url = `${cloud.url}/v1/operator/hardware/${hwId}/rotate`;
      return callOnly({ method: 'POST', url, token: operatorToken }, new AbortController().signal);
    },
    makeHub: async (hubDir, claim) => {
      const given = claim ?? (await iotCore.admin.createClaimCertificate());
      const made = await makeHub({ factory, iotCore, cloudUrl: cloud.url, logLevel }, hubDir, given);
      await registerHardware(made.factory, cloud.url, operatorToken, new AbortController().signal);
      return made;
    },
    makeTag: async () => {
      const other = newHardware(factory);
      await registerHardware(other, cloud.url, operatorToken, new AbortController().signal);
      return await signedTag(other);
    },
    stop: () => started.stop(),
  };
}

async function cloudOf(
  { dir, databaseUrl, logLevel }: FleetSiteOptions & { logLevel: string },
  home: Home,
  iotCore: IotCore,
  credentials: HouseholdCredentials,
  started: Started,
): Promise<ProductSpec> {
  const ports = { cloud: 0, hub: 0, glass: 0, iotCore: iotCore.port };
  const { url: iotControlUrl } = started.add(await startControlDoor(iotCore.admin, { port: 0 }));
  const settings = { home, panel: PANEL, ports, clock: systemClock, databaseUrl, baseEnv: baseEnv(dir, logLevel) };
  return cloudProcess(settings, { iotCore, iotControlUrl }, credentials);
}

async function makeHub(
  at: { factory: Factory; iotCore: IotCore; cloudUrl: string; logLevel: string },
  dir: string,
  claim: Credentials,
): Promise<MadeHub> {
  const home = homeIn(dir);
  const factory = newHardware(at.factory);
  const { hwId } = factory;
  const started = new Started();
  const hardwareSocket = home.path('hw.sock');
  await mkdir(home.path('hub'), { recursive: true, mode: 0o700 });
  const reader = new SimNfcReader();
  const tag = await signedTag(factory);
  reader.place(tag);
  const panel = started.add(new SimPanel({ panel: PANEL, clock: scaledClock(systemClock, GLASS_SPEED) }));
  started.add(await serveHardware({ path: hardwareSocket, panels: { [PANEL]: panel }, nfc: reader }));
  const files = { certFile: home.path('secrets', 'claim.crt'), keyFile: home.path('secrets', 'claim.key') };
  await writePrivate(files.certFile, claim.certPem);
  await writePrivate(files.keyFile, claim.keyPem);
  await writePrivate(home.path('factory', 'signer-keys.json'), JSON.stringify(factory.signerKeys));
  const router = started.add(await startRouter(Number(new URL(at.cloudUrl).port), systemClock));
  const spec = hubProcess(
    { home, panel: PANEL, ports: { hub: 0 }, clock: systemClock, baseEnv: baseEnv(dir, at.logLevel) },
    { iotCore: at.iotCore, hardwareSocket },
    { claim: files },
    router,
  );
  const identityDir = home.path('hub', 'identity');
  const thingName = thingNameFor(hwId);
  const claimKeyFile = files.keyFile;
  return {
    ...{ hwId, thingName, dir, identityDir, claim, claimKeyFile, factory, reader, tag, router, spec },
    stop: () => started.stop(),
  };
}

function newHardware(factory: Factory): Factory {
  return { ...factory, hwId: randomBytes(10).toString('hex'), tagUid: `04${randomBytes(6).toString('hex')}` };
}

async function signedTag({ keyId, hwId, model, batch, signingKey: privateKey, tagUid }: Factory): Promise<SimTag> {
  const bench = new SimNfcReader();
  const tag = new Ntag21x({ uid: Buffer.from(tagUid, 'hex') });
  bench.place(tag);
  await writeSignedTag(bench, { privateKey, payload: { keyId, hwId, model, batch }, url: LANDING_PAGE, lock: true });
  return tag;
}

/** What a product's process has besides its settings. */
export function baseEnv(dir: string, logLevel: string): Record<string, string> {
  return { PATH: process.env.PATH ?? '', HOME: dir, TMPDIR: tmpdir(), INKLET_LOG_LEVEL: logLevel };
}

/** A folder that nobody else may want. */
function homeIn(dir: string): Home {
  return { dir, path: (...parts) => path.join(dir, ...parts), release: async () => undefined };
}
