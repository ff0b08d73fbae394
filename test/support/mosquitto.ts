import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import path from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { connect } from 'node:tls';
import { z } from 'zod';

/** A broker that is not ours, to judge our clients by. */
export type Mosquitto = {
  port: number;
  /** Lets nothing through, while every connection stands. */
  freeze(): void;
  stop(): Promise<void>;
};

const PROGRAM = '/usr/sbin/mosquitto';
const START_TRIES = 300;
const TRY_EVERY_MS = 50;
const AddressSchema = z.object({ port: z.number() });

/** Where Mosquitto is, in a list that is empty on a machine without it; CI must have it. */
export function mosquittoPrograms(): string[] {
  if (existsSync(PROGRAM)) return [PROGRAM];
  if (process.env.CI !== undefined) throw new TypeError('CI must have the Debian package mosquitto');
  return [];
}

/** Starts Mosquitto on loopback, by a free port unless one is given, with mutual TLS by the authority and server pair in a folder. */
export async function startMosquitto(
  program: string,
  dir: string,
  client: { caPem: string; certPem: string; keyPem: string },
  { settings: more = [], port: at }: { settings?: readonly string[]; port?: number } = {},
): Promise<Mosquitto> {
  const port = at ?? (await freePort());
  const file = path.join(dir, 'mosquitto.conf');
  const settings = [
    `listener ${port} 127.0.0.1`,
    `cafile ${path.join(dir, 'ca.pem')}`,
    `certfile ${path.join(dir, 'server.pem')}`,
    `keyfile ${path.join(dir, 'server.key')}`,
    'require_certificate true',
    'use_identity_as_username true',
    'persistence false',
    ...more,
    // It would give up root for a user who cannot read the folder.
    ...(process.getuid?.() === 0 ? ['user root'] : []),
  ];
  await writeFile(file, `${settings.join('\n')}\n`);
  const broker = spawn(program, ['-c', file], { stdio: 'ignore' });
  const gone = once(broker, 'exit');
  await untilReady(port, client);
  return {
    port,
    freeze: () => void broker.kill('SIGSTOP'),
    stop: async () => {
      broker.kill('SIGTERM');
      broker.kill('SIGCONT');
      await gone;
    },
  };
}

async function untilReady(port: number, client: Parameters<typeof answers>[1]): Promise<void> {
  for (let tries = 1; !(await answers(port, client)); tries += 1) {
    if (tries === START_TRIES) throw new TypeError(`no broker answers on port ${port}`);
    await setTimeout(TRY_EVERY_MS);
  }
}

async function answers(port: number, client: { caPem: string; certPem: string; keyPem: string }): Promise<boolean> {
  const socket = connect({ host: '127.0.0.1', port, ca: client.caPem, cert: client.certPem, key: client.keyPem });
  try {
    await once(socket, 'secureConnect');
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = AddressSchema.parse(server.address());
  server.close();
  await once(server, 'close');
  return port;
}
