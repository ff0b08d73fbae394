import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { z } from 'zod';
import { built } from '../../device-sim/household/built.js';
import { startIotCore } from '../../device-sim/iot-core/iot-core.js';
import { systemClock } from '../../hardware/index.js';
import { mosquittoPrograms, startMosquitto } from './mosquitto.js';

/** What a client needs to come in; it may then speak and hear everywhere. */
export type Door = { readonly port: number; readonly caPem: string; readonly certPem: string; readonly keyPem: string };

/** A broker in a process of its own. */
export type OpenBroker = { readonly name: string; readonly door: Door; stop(): Promise<void> };

type Keys = Omit<Door, 'port'>;

const STAND_IN = built('device-sim', 'iot-core', 'main.js');
const AddressSchema = z.object({ port: z.number() });
/** As many as AWS IoT Core, and none discarded because it waits. */
const SETTINGS = { settings: ['max_inflight_messages 100', 'max_queued_messages 0'] };

/** The kinds of broker that this machine has, each with an authority in a folder of its own. */
export const OPEN_BROKERS: readonly { name: string; start: () => Promise<OpenBroker> }[] = [
  ...mosquittoPrograms().map((program) => {
    const name = 'Mosquitto';
    return { name, start: () => withAuthority(name, (dir, keys) => startMosquitto(program, dir, keys, SETTINGS)) };
  }),
  { name: 'the stand-in', start: () => withAuthority('the stand-in', standIn) },
];

async function withAuthority(
  name: string,
  start: (dir: string, keys: Keys) => Promise<{ port: number; stop: () => Promise<void> }>,
): Promise<OpenBroker> {
  const dir = await mkdtemp(path.join(tmpdir(), 'inklet-broker-'));
  const keys = await layAuthority(dir);
  const { port, stop } = await start(dir, keys);
  return {
    name,
    door: { ...keys, port },
    stop: async () => {
      await stop();
      await rm(dir, { recursive: true, force: true });
    },
  };
}

async function layAuthority(dir: string): Promise<Keys> {
  const core = await startIotCore({ dir, host: '127.0.0.1', port: 0, clock: systemClock });
  core.admin.putPolicy('everything', {
    Version: '2012-10-17',
    Statement: [{ Effect: 'Allow', Action: 'iot:*', Resource: '*' }],
  });
  const { certPem, keyPem } = await core.admin.createCertificate('inklet-anybody', ['everything']);
  const { caPem } = core;
  await core.stop();
  return { caPem, certPem, keyPem };
}

async function standIn(dir: string): Promise<{ port: number; stop: () => Promise<void> }> {
  const flags = ['--dir', dir, '--port', '0', '--admin-port', '0', '--control-port', '0', '--rates', 'none', '--json'];
  const child = spawn(process.execPath, [STAND_IN, ...flags], { stdio: ['ignore', 'pipe', 'inherit'] });
  const gone = once(child, 'exit');
  const [line] = await once(createInterface(child.stdout), 'line');
  const { port } = AddressSchema.parse(JSON.parse(String(line)));
  return {
    port,
    stop: async () => {
      child.kill('SIGTERM');
      await gone;
    },
  };
}
