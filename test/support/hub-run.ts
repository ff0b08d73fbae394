import assert from 'node:assert';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { built } from '../../device-sim/household/built.js';
import type { ProductSpec } from '../../device-sim/household/product-process.js';

/** A hub's process from its first instruction on, which may lose its power at any moment, ready or not. */
export class HubRun {
  readonly #child: ChildProcess;
  readonly #gone: Promise<unknown>;

  private constructor(child: ChildProcess) {
    this.#child = child;
    this.#gone = once(child, 'exit');
  }

  /** On the household's leash, so that it leaves with whoever started it. Each piece that it writes is handed over. */
  static start({ script, env }: Pick<ProductSpec, 'script' | 'env'>, onOutput: (piece: string) => void): HubRun {
    const child = spawn(process.execPath, [built('device-sim', 'household', 'leash.js'), script], {
      env,
      detached: true,
      stdio: ['pipe', 'pipe', 'pipe', 'pipe'],
    });
    const { stdin, stdout, stderr } = child;
    assert(stdin !== null && stdout !== null && stderr !== null);
    stdin.on('error', () => undefined);
    for (const output of [stdout, stderr]) output.setEncoding('utf8').on('data', onOutput);
    return new HubRun(child);
  }

  get isRunning(): boolean {
    return this.#child.exitCode === null && this.#child.signalCode === null;
  }

  /** A line on its standard input; one that has left hears nothing. */
  say(line: string): void {
    this.#child.stdin?.write(`${line}\n`);
  }

  /** Pulls its plug, and resolves when nothing of it is left. */
  async kill(): Promise<void> {
    if (!this.isRunning) return;
    this.#child.kill('SIGKILL');
    await this.#gone;
  }
}
