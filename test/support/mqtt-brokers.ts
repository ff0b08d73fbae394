import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { startIotCore } from '../../device-sim/index.js';
import type { IotCore } from '../../device-sim/iot-core/iot-core.js';
import { systemClock } from '../../hardware/index.js';
import { mosquittoPrograms, startMosquitto } from './mosquitto.js';

type Pair = { certPem: string; keyPem: string };

/** A broker as the two libraries are judged on it: the stand-in, or one that is not ours. */
export type TestBroker = {
  readonly port: number;
  readonly caPem: string;
  /** May connect as `DEVICE`, speak on `UP` and hear `DOWN`. */
  readonly device: Pair;
  /** May do everything, as `WATCHER`. */
  readonly watcher: Pair;
  /** A claim certificate for the template of hubs. */
  readonly claim: Pair;
  /** Of another authority. */
  readonly stranger: Pair & { caPem: string };
  /** Lets nothing through to or from the device, while its connection stands. */
  freeze(): void;
  /** Cuts the device off without a word. */
  restart(): Promise<void>;
  stop(): Promise<void>;
  /** Where its authority is. */
  readonly dir: string;
  /** The stand-in itself, where it is one. */
  readonly core: IotCore | undefined;
};

export const DEVICE = 'inklet-contract';
export const WATCHER = 'inklet-watcher';
export const UP = `inklet/dev/${DEVICE}/up/state`;
export const DOWN = `inklet/dev/${DEVICE}/down/cmd`;
/** Of another device. */
export const FORBIDDEN = 'inklet/dev/inklet-other/up/state';

const CLAIMANT = 'inklet-claimant';
const HOST = '127.0.0.1';
const ACCESS = `user ${DEVICE}\ntopic readwrite inklet/dev/${DEVICE}/#\nuser ${WATCHER}\ntopic readwrite #\ntopic readwrite $aws/#\nuser ${CLAIMANT}\ntopic readwrite $aws/#\n`;

/** The kinds of broker that this machine has. */
export const BROKERS: readonly { name: string; start: () => Promise<TestBroker> }[] = [
  { name: 'the stand-in', start: standIn },
  ...mosquittoPrograms().map((program) => ({ name: 'Mosquitto', start: () => mosquitto(program) })),
];

async function authority() {
  const dir = await mkdtemp(path.join(tmpdir(), 'inklet-contract-'));
  const options = { dir, host: HOST, clock: systemClock };
  const core = await startIotCore({ ...options, port: 0 });
  core.admin.putPolicy('everything', {
    Version: '2012-10-17',
    Statement: [{ Effect: 'Allow', Action: 'iot:*', Resource: '*' }],
  });
  const device = await core.admin.createCertificate(DEVICE, ['inklet-device']);
  core.admin.attachThing(DEVICE, device.certificateId);
  const watcher = await core.admin.createCertificate(WATCHER, ['everything']);
  const claim = await core.admin.createCertificate(CLAIMANT, ['inklet-hub-claim']);
  const elsewhere = await mkdtemp(path.join(tmpdir(), 'inklet-contract-'));
  const other = await startIotCore({ ...options, dir: elsewhere, port: 0 });
  const stranger = { ...(await other.admin.createCertificate(DEVICE, ['inklet-device'])), caPem: other.caPem };
  await other.stop();
  const clean = () => Promise.all([dir, elsewhere].map((folder) => rm(folder, { recursive: true, force: true })));
  return { dir, options, core, parties: { caPem: core.caPem, device, watcher, claim, stranger }, clean };
}

async function standIn(): Promise<TestBroker> {
  const { dir, options, core: first, parties, clean } = await authority();
  let core = first;
  return {
    ...parties,
    dir,
    port: core.port,
    get core() {
      return core;
    },
    freeze: () => void core.admin.freezeClient(DEVICE),
    restart: async () => {
      await core.stop();
      core = await startIotCore({ ...options, port: core.port });
    },
    stop: async () => {
      await core.stop();
      await clean();
    },
  };
}

async function mosquitto(program: string): Promise<TestBroker> {
  const { dir, core, parties, clean } = await authority();
  await core.stop();
  const file = path.join(dir, 'access');
  await writeFile(file, ACCESS);
  const settings = [`acl_file ${file}`, 'clientid_prefixes inklet-'];
  const client = { caPem: parties.caPem, ...parties.watcher };
  let broker = await startMosquitto(program, dir, client, { settings });
  return {
    ...parties,
    dir,
    port: broker.port,
    core: undefined,
    freeze: () => broker.freeze(),
    restart: async () => {
      await broker.stop();
      broker = await startMosquitto(program, dir, client, { settings, port: broker.port });
    },
    stop: async () => {
      await broker.stop();
      await clean();
    },
  };
}
