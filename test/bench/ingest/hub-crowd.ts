import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { AcknowledgedSchema, type HubsSetup } from './hubs/orders.js';

const HUBS = fileURLToPath(new URL('./hubs/main.js', import.meta.url));
const LIMIT_MS = 30_000;

/** Many hubs in a process of their own, and when each command was on its hub's disk and acknowledged. */
export class HubCrowd {
  readonly #child: ChildProcess;
  readonly #arrived = new Map<string, number>();
  readonly #waiting = new Map<string, (atMs: number) => void>();

  private constructor(child: ChildProcess) {
    this.#child = child;
    child.on('message', (message) => {
      const { cmdId, atMs } = AcknowledgedSchema.parse(message);
      this.#arrived.set(cmdId, atMs);
      this.#waiting.get(cmdId)?.(atMs);
    });
  }

  static async start(setup: HubsSetup): Promise<HubCrowd> {
    const child = fork(HUBS, [], { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
    child.send(setup);
    await once(child, 'message');
    return new HubCrowd(child);
  }

  /** When a command was acknowledged, on the clock of the machine. */
  async acknowledged(cmdId: string): Promise<number> {
    const arrived = this.#arrived.get(cmdId);
    if (arrived !== undefined) return arrived;
    return await new Promise<number>((resolve, reject) => {
      const late = AbortSignal.timeout(LIMIT_MS);
      late.addEventListener('abort', () => reject(late.reason));
      this.#waiting.set(cmdId, resolve);
    });
  }

  async stop(): Promise<void> {
    const gone = once(this.#child, 'exit');
    this.#child.kill('SIGTERM');
    await gone;
  }
}
