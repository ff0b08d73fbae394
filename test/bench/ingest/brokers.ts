import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { startIotCore } from '../../../device-sim/iot-core/iot-core.js';
import { systemClock } from '../../../hardware/index.js';
import { mosquittoPrograms, startMosquitto } from '../../support/mosquitto.js';

/** What a client needs to come in; it may then speak and hear everywhere. */
export type Door = { readonly port: number; readonly caPem: string; readonly certPem: string; readonly keyPem: string };

/** A broker in a process of its own. */
export type BenchBroker = { readonly name: string; readonly door: Door; stop(): Promise<void> };

type Keys = Omit<Door, 'port'>;

const STAND_IN = fileURLToPath(new URL('../../../device-sim/iot-core/main.js', import.meta.url));
const AddressSchema = z.object({ port: z.number() });
/** As many as AWS IoT Core, and none discarded because it waits. */
const MOSQUITTO_SETTINGS = ['max_inflight_messages 100', 'max_queued_messages 0'];

/** Lays an authority into a folder and runs work on each kind of broker that this machine has. */
export async function onEachBroker<T>(work: (broker: BenchBroker) => Promise<T>): Promise<T[]> {
  const dir = await mkdtemp(path.join(tmpdir(), 'inklet-bench-broker-'));
  try {
    const keys = await layAuthority(dir);
    const results: T[] = [];
    for (const start of [
      ...mosquittoPrograms().map((program) => () => mosquitto(program, dir, keys)),
      () => standIn(dir, keys),
    ]) {
      const broker = await start();
      try {
        results.push(await work(broker));
      } finally {
        await broker.stop();
      }
    }
    return results;
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
}

async function layAuthority(dir: string): Promise<Keys> {
  const core = await startIotCore({ dir, host: '127.0.0.1', port: 0, clock: systemClock });
  core.admin.putPolicy('everything', {
    Version: '2012-10-17',
    Statement: [{ Effect: 'Allow', Action: 'iot:*', Resource: '*' }],
  });
  const { certPem, keyPem } = await core.admin.createCertificate('inklet-bench', ['everything']);
  const { caPem } = core;
  await core.stop();
  return { caPem, certPem, keyPem };
}

async function mosquitto(program: string, dir: string, keys: Keys): Promise<BenchBroker> {
  const { port, stop } = await startMosquitto(program, dir, keys, { settings: MOSQUITTO_SETTINGS });
  return { name: 'Mosquitto', door: { ...keys, port }, stop };
}

async function standIn(dir: string, keys: Keys): Promise<BenchBroker> {
  const flags = ['--dir', dir, '--port', '0', '--admin-port', '0', '--control-port', '0', '--rates', 'none', '--json'];
  const child = spawn(process.execPath, [STAND_IN, ...flags], { stdio: ['ignore', 'pipe', 'inherit'] });
  const gone = once(child, 'exit');
  const [line] = await once(createInterface(child.stdout), 'line');
  const { port } = AddressSchema.parse(JSON.parse(String(line)));
  return {
    name: 'the stand-in',
    door: { ...keys, port },
    stop: async () => {
      child.kill('SIGTERM');
      await gone;
    },
  };
}
