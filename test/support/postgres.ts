import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, chownSync, existsSync, mkdtempSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { Client } from 'pg';

/** A PostgreSQL server of this test file's own. */
export type PostgresCluster = {
  url: (database: string) => string;
  stop: () => Promise<void>;
  /** Ends the server as `pg_ctl -m immediate` does, without a checkpoint, and starts it again on its port. */
  crash: () => Promise<void>;
  /** Stops the server and gives its data a folder of this name, from which others may begin. */
  keepAs: (folder: string) => Promise<void>;
};

const INSTALLED = '/usr/lib/postgresql';
const START_TRIES = 300;
const TRY_EVERY_MS = 50;

/** Where the server's programs are; undefined on a machine without them. */
export function postgresPrograms(): string | undefined {
  if (!existsSync(INSTALLED)) return undefined;
  const newest = readdirSync(INSTALLED)
    .map(Number)
    .sort((a, b) => b - a)
    .at(0);
  return newest === undefined ? undefined : join(INSTALLED, String(newest), 'bin');
}

/**
 * Makes a cluster in a temporary folder, empty or as a copy of data that was kept, and starts it on a free port; PostgreSQL
 * refuses to run as root. Without `fsync` a commit costs nothing: tests are quicker, and benchmarks would lie.
 */
export async function startPostgres(
  programs: string,
  kept?: string,
  { fsync = 'off' }: { fsync?: 'on' | 'off' } = {},
): Promise<PostgresCluster> {
  const folder = mkdtempSync(join(tmpdir(), 'inklet-postgres-'));
  const data = join(folder, 'data');
  const user = serverUser();
  if (user !== undefined) chownSync(folder, user.uid, user.gid);
  chmodSync(folder, 0o700);
  const run = { cwd: folder, ...user };
  if (kept === undefined) {
    const initdb = ['-D', data, '-U', 'postgres', '-A', 'trust', '-E', 'UTF8', '--locale=C.UTF-8', '--no-sync'];
    execFileSync(join(programs, 'initdb'), initdb, { ...run, stdio: 'pipe' });
  } else {
    execFileSync('cp', ['-a', '--reflink=auto', kept, data]);
  }
  const port = await freePort();
  const settings = [
    'listen_addresses=127.0.0.1',
    `unix_socket_directories=${folder}`,
    `fsync=${fsync}`,
    'max_connections=60',
  ];
  const args = ['-D', data, '-p', String(port), ...settings.flatMap((setting) => ['-c', setting])];
  const url = (database: string) => `postgresql://postgres@127.0.0.1:${port}/${database}`;
  const begin = async () => {
    const server = spawn(join(programs, 'postgres'), args, { ...run, stdio: 'ignore' });
    const gone = once(server, 'exit');
    await untilReady(url('postgres'));
    return async (signal: 'SIGINT' | 'SIGQUIT') => {
      server.kill(signal);
      await gone;
    };
  };
  let end = await begin();
  const halt = () => end('SIGINT');
  const clear = () => rmSync(folder, { recursive: true, force: true });
  return {
    url,
    stop: async () => {
      await halt();
      clear();
    },
    crash: async () => {
      await end('SIGQUIT');
      end = await begin();
    },
    keepAs: async (name) => {
      await halt();
      // Two workers may make it at once: the first to give it its name is right.
      if (!existsSync(name)) renameSync(data, name);
      clear();
    },
  };
}

function serverUser(): { uid: number; gid: number } | undefined {
  if (userInfo().uid !== 0) return undefined;
  const idOf = (flag: string) => Number(execFileSync('id', [flag, 'postgres'], { encoding: 'utf8' }));
  return { uid: idOf('-u'), gid: idOf('-g') };
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  return typeof address === 'object' && address !== null ? address.port : 0;
}

async function untilReady(url: string): Promise<void> {
  for (let tries = 1; ; tries += 1) {
    const client = new Client({ connectionString: url });
    try {
      await client.connect();
      await client.end();
      return;
    } catch (error) {
      if (tries === START_TRIES) throw error;
      await setTimeout(TRY_EVERY_MS);
    }
  }
}
