import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { accessSync, constants, existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect } from 'vitest';

type Place = { leave(): Promise<void> };

/** The real pcscd with a virtual reader of two slots. */
export class Pcscd {
  readonly #program: string;
  readonly #configDir: string;
  readonly #place: Place;
  #process: ChildProcess | undefined;

  private constructor(program: string, configDir: string, place: Place) {
    this.#program = program;
    this.#configDir = configDir;
    this.#place = place;
  }

  /**
   * With its reader plugged in, not yet started. Its socket has one place on a machine: waits until no other test there
   * has it, and keeps it until the end.
   */
  static async prepare(program: string): Promise<Pcscd> {
    const place = await takePlace();
    const pcscd = new Pcscd(program, await mkdtemp(path.join(tmpdir(), 'inklet-pcscd-')), place);
    await pcscd.plugIn();
    return pcscd;
  }

  /** Starts it, unless it runs. */
  async start(): Promise<void> {
    if (this.#isRunning()) return;
    // It ends with this process, however that ends.
    const guarded = ['--pdeathsig', 'KILL', this.#program, '--foreground', '--config', this.#configDir];
    this.#process = spawn('/usr/bin/setpriv', guarded, { stdio: 'ignore' });
    const { pid } = this.#process;
    await expect.poll(whoServes, WAIT).toBe(pid);
    await expect.poll(answers, WAIT).toBe(true);
  }

  /** SIGSTOP: it takes connections and answers nobody. */
  freeze(): void {
    this.#process?.kill('SIGSTOP');
  }

  thaw(): void {
    this.#process?.kill('SIGCONT');
  }

  async kill(signal: 'SIGKILL' | 'SIGTERM' = 'SIGKILL'): Promise<void> {
    if (this.#process === undefined || !this.#isRunning()) return;
    const gone = once(this.#process, 'exit');
    this.#process.kill(signal);
    this.thaw();
    await gone;
  }

  /** Plugs the reader in for the next start: one that is on no bus does not come and go while pcscd runs. */
  async plugIn(name = READER_NAME): Promise<void> {
    await writeFile(this.#readersFile, readerEntry(name));
  }

  /** Leaves the next start without a reader. */
  async unplug(): Promise<void> {
    await rm(this.#readersFile);
  }

  async stop(): Promise<void> {
    await this.kill('SIGTERM');
    await rm(this.#configDir, { recursive: true, force: true });
    await this.#place.leave();
  }

  #isRunning(): boolean {
    return this.#process !== undefined && this.#process.exitCode === null && this.#process.signalCode === null;
  }

  get #readersFile(): string {
    return path.join(this.#configDir, 'vpcd');
  }
}

/** A port for the first slot; the second slot's is the next. The driver knows one reader of two slots only. */
const VPCD_PORT = 0x8c7b;
/** To which pcscd adds the number of the slot. */
export const READER_NAME = 'ACS ACR122U PICC Interface';
const PROGRAM = '/usr/sbin/pcscd';
const DRIVER = '/usr/lib/pcsc/drivers/serial/libifdvpcd.so';
/** Compiled into pcscd. */
const SOCKET = '/run/pcscd/pcscd.comm';
const PID_FILE = '/run/pcscd/pcscd.pid';
const LOCK_FILE = path.join(tmpdir(), 'inklet-pcscd.lock');
const WAIT = { timeout: 30_000, interval: 50 };

/** Where pcscd is, in a list that is empty where it or its virtual reader is missing or may not be run; CI must have both. */
export function pcscdPrograms(): string[] {
  if (existsSync(PROGRAM) && existsSync(DRIVER) && mayRun()) return [PROGRAM];
  expect(process.env.CI, 'CI must have the Debian packages pcscd and vsmartcard-vpcd, and be root').toBeUndefined();
  return [];
}

function mayRun(): boolean {
  try {
    accessSync('/run', constants.W_OK);
    return true;
  } catch {
    return false;
  }
}

function readerEntry(name: string): string {
  const port = `0x${VPCD_PORT.toString(16).toUpperCase()}`;
  const entry = { FRIENDLYNAME: `"${name}"`, DEVICENAME: `/dev/null:${port}`, LIBPATH: DRIVER, CHANNELID: port };
  return Object.entries(entry)
    .map((pair) => `${pair.join(' ')}\n`)
    .join('');
}

/** By a lock that the kernel takes back when this process is gone. */
async function takePlace(): Promise<Place> {
  const holder = spawn('/usr/bin/flock', [LOCK_FILE, 'sh', '-c', 'echo held; exec cat'], {
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  const gone = once(holder, 'exit');
  await once(holder.stdout, 'data');
  return {
    leave: async () => {
      holder.stdin.end();
      await gone;
    },
  };
}

/** The process that has the socket, by its id. */
async function whoServes(): Promise<number> {
  return Number.parseInt(await readFile(PID_FILE, 'utf8').catch(() => ''), 10);
}

/** The readers' own ports are left alone: a connection there is a card. */
async function answers(): Promise<boolean> {
  const socket = connect(SOCKET);
  try {
    await once(socket, 'connect');
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}
