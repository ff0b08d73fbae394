import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout } from 'node:timers/promises';
import { z } from 'zod';
import { built } from '../../device-sim/household/built.js';
import type { Door } from './open-brokers.js';

/** A process of the cloud, linked to its broker. */
export type CloudInstance = {
  readonly url: string;
  /** Takes its time, or all of it, away from the process. */
  signal(name: 'SIGSTOP' | 'SIGKILL'): void;
  stop(): Promise<void>;
};

const ReadySchema = z.object({ url: z.url() });
const LinkSchema = z.object({ link: z.string() });
const READY_TRIES = 600;
const TRY_EVERY_MS = 50;

/** Starts the built service on PostgreSQL, in a folder of its own, and resolves once it hears hubs. */
export async function startCloudInstance(site: {
  dir: string;
  door: Door;
  databaseUrl: string;
  clientId: string;
  sharedGroup?: string;
}): Promise<CloudInstance> {
  const { dir, door, sharedGroup } = site;
  const place = (name: string) => path.join(dir, name);
  await mkdir(dir, { recursive: true });
  const files = { ca: door.caPem, cert: door.certPem, key: door.keyPem };
  for (const [name, text] of Object.entries(files)) await writeFile(place(name), text, { mode: 0o600 });
  const env = {
    INKLET_DATA_DIR: place('data'),
    INKLET_PORT: '0',
    INKLET_LOG_LEVEL: 'silent',
    INKLET_DATABASE_URL: site.databaseUrl,
    INKLET_IOT_ENDPOINT: '127.0.0.1',
    INKLET_IOT_PORT: String(door.port),
    INKLET_IOT_CA_FILE: place('ca'),
    INKLET_IOT_CERT_FILE: place('cert'),
    INKLET_IOT_KEY_FILE: place('key'),
    INKLET_IOT_CLIENT_ID: site.clientId,
    ...(sharedGroup !== undefined && { INKLET_IOT_SHARED_GROUP: sharedGroup }),
  };
  const child = spawn(process.execPath, [built('cloud-api', 'main.js')], { env, stdio: ['ignore', 'pipe', 'ignore'] });
  const [line] = await once(createInterface(child.stdout), 'line');
  const { url } = ReadySchema.parse(JSON.parse(String(line)));
  await untilLinked(url);
  return { url, signal: (name) => void child.kill(name), stop: () => end(child) };
}

async function untilLinked(url: string): Promise<void> {
  for (let tries = 1; tries <= READY_TRIES; tries += 1) {
    if (LinkSchema.parse(await (await fetch(`${url}/readyz`)).json()).link === 'connected') return;
    await setTimeout(TRY_EVERY_MS);
  }
  throw new TypeError(`the cloud at ${url} does not reach its broker`);
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, 'exit');
  child.kill('SIGTERM');
  await gone;
}
