import { type ChildProcess, spawn } from 'node:child_process';
import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { pino } from 'pino';
import { expect, it } from 'vitest';
import { z } from 'zod';
import { SimPanel } from '../../device-sim/epd/sim-panel.js';
import { serveHardware } from '../../device-sim/hardware-socket-server.js';
import { Ntag21x, SimNfcReader, scaledClock, startIotCore } from '../../device-sim/index.js';
import type { HookReply } from '../../device-sim/iot-core/hook.js';
import type { IotCore } from '../../device-sim/iot-core/iot-core.js';
import { type Clock, type NdefRecord, Ntag, panelSpec, systemClock } from '../../hardware/index.js';
import { HubStatusSchema } from '../../hub/api/status.js';
import { LANDING_PAGE, thingNameFor, writeSignedTag } from '../../provisioning/index.js';
import { startInProcess } from './in-process-hub.js';

const PANEL = '7in5_V2';
const HOST = '127.0.0.1';
/** A glass that needs 40 ms where life needs two seconds. */
const GLASS_SPEED = 50;
const MAIN = path.resolve('dist/hub/main.js');
const WAIT = { timeout: 30_000, interval: 20 };

const ReadySchema = z.object({ ready: z.literal(true), url: z.url() });
const AcceptedSchema = z.object({ presentationId: z.string() });
const PresentationSchema = z.object({ state: z.string(), frameSha256: z.string().nullable() });
const DisplaysSchema = z.object({ displays: z.array(z.object({ displayId: z.string() })) });

/** A hub that answers at an address, and what a person or a script does with it. */
export class HubAt {
  readonly url: string;

  constructor(url: string) {
    this.url = url;
  }

  async status() {
    return HubStatusSchema.parse(await this.#json('/api/status'));
  }

  async displayId(): Promise<string> {
    return DisplaysSchema.parse(await this.#json('/api/displays')).displays[0]?.displayId ?? '';
  }

  post(displayId: string, content: object): Promise<Response> {
    const headers = { 'content-type': 'application/json' };
    const body = JSON.stringify(content);
    return fetch(`${this.url}/api/displays/${displayId}/contents`, { method: 'POST', headers, body });
  }

  /** Shows a text by the local API and gives the frame that was proved. */
  async show(text: string): Promise<string | null> {
    const response = await this.post(await this.displayId(), { text });
    const { presentationId } = AcceptedSchema.parse(await response.json());
    const read = async () => PresentationSchema.parse(await this.#json(`/api/presentations/${presentationId}`));
    await expect.poll(async () => (await read()).state, WAIT).toBe('confirmed');
    return (await read()).frameSha256;
  }

  async #json(to: string): Promise<unknown> {
    return (await fetch(`${this.url}${to}`)).json();
  }
}

/** The far side of a hub's wires: a panel, a reader, AWS IoT Core, and the factory that writes tags. */
export type HubWorld = {
  dir: string;
  iotCore: IotCore;
  panel: SimPanel;
  reader: SimNfcReader;
  /** The hub's whole environment. */
  env: Record<string, string>;
  hwId: string;
  /** The hook that lets this hub in, which is set at first. */
  allow: () => HookReply;
  /** Ends the process that holds the hardware, and starts another. */
  stopHardware(): Promise<void>;
  startHardware(): Promise<void>;
  /** A tag of this factory for this hub, not yet laid down. */
  signedTag(): Promise<Ntag21x>;
  /** What is written on a tag. */
  recordsOf(tag: Ntag21x): Promise<NdefRecord[]>;
  /** Another tag with these records. */
  tagWith(records: readonly NdefRecord[]): Promise<Ntag21x>;
};

/** Builds it in a folder; `close` takes it down. */
export async function openHubWorld(dir: string): Promise<{ world: HubWorld; close: () => Promise<void> }> {
  const iotCore = await startIotCore({ dir: path.join(dir, 'iot'), host: HOST, port: 0, clock: systemClock });
  const { width, height } = panelSpec(PANEL);
  const clock = scaledClock(systemClock, GLASS_SPEED);
  const panel = new SimPanel({ width, height, clock, maxTransferBytes: 65_536 });
  const reader = new SimNfcReader();
  const socket = path.join(dir, 'hw.sock');
  const offer = { path: socket, panels: { [PANEL]: panel }, nfc: reader };
  let hardware = await serveHardware(offer);
  const { privateKey, payload, signerKeys } = makeFactory();
  const { hwId } = payload;
  const allow = () => ({ allowProvisioning: true, parameterOverrides: { ThingName: thingNameFor(hwId) } });
  iotCore.admin.setHook(allow);
  const env = await environment(dir, iotCore, socket, signerKeys);
  const close = async () => {
    await hardware.stop();
    await panel.stop();
    await iotCore.stop();
  };
  const world: HubWorld = {
    dir,
    iotCore,
    panel,
    reader,
    env,
    hwId,
    allow,
    stopHardware: () => hardware.stop(),
    startHardware: async () => {
      hardware = await serveHardware(offer);
    },
    signedTag: () =>
      onReader(async (bench) => {
        await writeSignedTag(bench, { privateKey, payload, url: LANDING_PAGE, lock: false });
      }),
    recordsOf: async (tag) => {
      const bench = new SimNfcReader();
      bench.place(tag);
      return await new Ntag({ reader: bench }).readNdef();
    },
    tagWith: (records) => onReader((bench) => new Ntag({ reader: bench }).writeNdef(records)),
  };
  return { world, close };
}

export const test = it
  .extend('world', async ({ task }, { onCleanup }): Promise<HubWorld> => {
    const dir = await mkdtemp(path.join(tmpdir(), `inklet-hub-${task.id.slice(-6)}-`));
    const { world, close } = await openHubWorld(dir);
    onCleanup(async () => {
      await close();
      await rm(dir, { recursive: true, force: true });
    });
    return world;
  })
  .extend('logged', (): string[] => [])
  .extend('startHub', ({ world, logged }, { onCleanup }) => {
    const stops: (() => Promise<void>)[] = [];
    onCleanup(async () => {
      for (const stop of stops) await stop();
    });
    return async (more: Record<string, string> = {}, clock: Clock = systemClock): Promise<HubAt> => {
      const log = pino({ level: 'trace' }, { write: (line: string) => void logged.push(line) });
      const started = await startInProcess({ ...world.env, ...more }, log, { clock });
      stops.push(started.stop);
      return new HubAt(started.url);
    };
  })
  .extend('runHub', ({ world }, { onCleanup }) => {
    const children: ChildProcess[] = [];
    onCleanup(() => {
      for (const child of children) if (child.exitCode === null) child.kill('SIGKILL');
    });
    /** The built hub as a process of its own; without `more`, one without cloud. */
    return async (more: Record<string, string> = {}) => {
      const child = spawn(process.execPath, [MAIN], { env: { ...withoutCloud(world.env), ...more } });
      children.push(child);
      const errors: string[] = [];
      child.stderr.on('data', (piece: Buffer) => errors.push(piece.toString()));
      return { child, log: () => errors.join(''), ready: async () => new HubAt(await readyUrl(child)) };
    };
  });

function makeFactory() {
  const { privateKey } = generateKeyPairSync('ed25519');
  const { x } = z.object({ x: z.string() }).parse(privateKey.export({ format: 'jwk' }));
  const payload = { keyId: 1, hwId: randomBytes(10).toString('hex'), model: 1, batch: 1 };
  const signerKeys = { keys: [{ keyId: 1, publicKey: x, batches: [{ from: 1, to: 1 }], revoked: false }] };
  return { privateKey, payload, signerKeys };
}

async function onReader(write: (bench: SimNfcReader) => Promise<void>): Promise<Ntag21x> {
  const tag = new Ntag21x({ uid: Buffer.concat([Buffer.of(0x04), randomBytes(6)]) });
  const bench = new SimNfcReader();
  bench.place(tag);
  await write(bench);
  return tag;
}

async function environment(
  dir: string,
  iotCore: IotCore,
  socket: string,
  signerKeys: object,
): Promise<Record<string, string>> {
  const { certPem, keyPem } = await iotCore.admin.createClaimCertificate();
  await mkdir(path.join(dir, 'hub'));
  const file = async (name: string, content: string) => {
    await writeFile(path.join(dir, name), content, { mode: 0o600 });
    return path.join(dir, name);
  };
  return {
    PATH: process.env.PATH ?? '',
    INKLET_PORT: '0',
    INKLET_DATA_DIR: path.join(dir, 'hub'),
    // Nobody answers there: what is tried here needs no cloud API.
    INKLET_CLOUD_URL: 'http://127.0.0.1:9',
    INKLET_IOT_ENDPOINT: HOST,
    INKLET_IOT_PORT: String(iotCore.port),
    INKLET_IOT_CA_FILE: iotCore.caFile,
    INKLET_CLAIM_CERT_FILE: await file('claim.crt', certPem),
    INKLET_CLAIM_KEY_FILE: await file('claim.key', keyPem),
    INKLET_SIGNER_KEYS_FILE: await file('signer-keys.json', JSON.stringify(signerKeys)),
    INKLET_HARDWARE_SOCKET: socket,
    INKLET_PANEL: PANEL,
  };
}

function withoutCloud(env: Record<string, string>): Record<string, string> {
  const cloud = ['INKLET_CLOUD_URL', 'INKLET_IOT_ENDPOINT', 'INKLET_IOT_CA_FILE', 'INKLET_SIGNER_KEYS_FILE'];
  return Object.fromEntries(Object.entries(env).filter(([name]) => !cloud.includes(name)));
}

async function readyUrl({ stdout }: ChildProcess): Promise<string> {
  if (stdout === null) throw new TypeError('no output');
  const [line] = await once(createInterface(stdout), 'line');
  return ReadySchema.parse(JSON.parse(String(line))).url;
}
