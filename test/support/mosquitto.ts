import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import path from 'node:path';
import { connect } from 'node:tls';
import { expect } from 'vitest';
import { z } from 'zod';

/** A broker that is not ours, to judge our clients by. */
export type Mosquitto = {
  port: number;
  /** Lets nothing through, while every connection stands. */
  freeze(): void;
  stop(): Promise<void>;
};

const PROGRAM = '/usr/sbin/mosquitto';
const WAIT = { timeout: 15_000, interval: 50 };
const AddressSchema = z.object({ port: z.number() });

/** Where Mosquitto is, in a list that is empty on a machine without it; CI must have it. */
export function mosquittoPrograms(): string[] {
  if (existsSync(PROGRAM)) return [PROGRAM];
  expect(process.env.CI, 'CI must have the Debian package mosquitto').toBeUndefined();
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
  await expect.poll(() => answers(port, client), WAIT).toBe(true);
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
