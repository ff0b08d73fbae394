import type { Socket } from 'node:net';
import { Transform } from 'node:stream';
import type { Clock } from '../../hardware/index.js';
import type { LinkFault } from './link-fault.js';

/** What is wrong with the link now; `changed` aborts when that changes. */
export type Weather = { readonly fault: LinkFault | undefined; readonly changed: AbortController };

export type RelayedConnectionDeps = {
  /** Connects to the service. */
  readonly dial: () => Socket;
  readonly weather: () => Weather;
  readonly onSwallow: (bytes: number) => void;
  readonly clock: Pick<Clock, 'sleep'>;
};

const MS_PER_S = 1000;

/** One connection through a router, and what the link does to it. */
export class RelayedConnection {
  readonly #inner: Socket;
  readonly #deps: RelayedConnectionDeps;
  #outer: Socket | undefined;
  #onClose: (() => void) | undefined;
  #isSwallowed = false;
  /** Until a lossy link resets it. */
  #leftBytes: number | undefined;

  constructor(inner: Socket, deps: RelayedConnectionDeps) {
    this.#inner = inner;
    this.#deps = deps;
  }

  /** Whether something was said on it that nobody will ever hear. */
  get isSwallowed(): boolean {
    return this.#isSwallowed;
  }

  onClose(listener: () => void): void {
    this.#onClose = listener;
  }

  start(): void {
    this.#inner.setNoDelay(true);
    if (this.#deps.weather().fault?.kind === 'half-open') {
      this.#isSwallowed = true;
      this.#inner.on('error', () => undefined);
      this.#inner.on('close', () => this.#onClose?.());
      this.#inner.on('data', (piece) => this.#deps.onSwallow(piece.length));
      return;
    }
    this.#outer = this.#deps.dial();
    this.#join(this.#inner, this.#outer);
    this.#join(this.#outer, this.#inner);
  }

  break(): void {
    this.#inner.destroy();
    this.#outer?.destroy();
  }

  reset(): void {
    for (const socket of [this.#inner, this.#outer]) {
      if (socket !== undefined && !socket.destroyed) socket.resetAndDestroy();
    }
  }

  /** Bytes that one side has sent are still handed on after it has closed; what breaks one side breaks the other. */
  #join(one: Socket, other: Socket): void {
    const way = new Transform({
      transform: (piece: Buffer, _encoding, done) => {
        void this.#pass(piece).then((passed) => (passed === undefined ? done() : done(null, passed)));
      },
    });
    one.on('error', () => {
      if (!this.#isSwallowed) other.destroy();
    });
    one.on('close', () => {
      if (this.#inner.destroyed && (this.#outer?.destroyed ?? true)) this.#onClose?.();
    });
    one.pipe(way);
    way.on('end', () => {
      if (!this.#isSwallowed) other.end();
    });
    way.pipe(other, { end: false });
  }

  /** What of a piece gets through, when it does. */
  async #pass(piece: Buffer): Promise<Buffer | undefined> {
    const { fault, changed } = this.#deps.weather();
    if (this.#isSwallowed || fault?.kind === 'half-open') {
      this.#isSwallowed = true;
      this.#deps.onSwallow(piece.length);
      return undefined;
    }
    if (fault?.kind === 'slow') await this.#wait((piece.length / fault.bytesPerS) * MS_PER_S, changed.signal);
    if (fault?.kind === 'delay') await this.#wait(fault.delayMs, changed.signal);
    return fault?.kind === 'lossy' ? this.#wear(piece, fault.resetAfterBytes) : piece;
  }

  #wear(piece: Buffer, resetAfterBytes: () => number): Buffer | undefined {
    this.#leftBytes ??= resetAfterBytes();
    this.#leftBytes -= piece.length;
    if (this.#leftBytes >= 0) return piece;
    this.reset();
    return undefined;
  }

  /** A link that changes meanwhile lets through what was on its way. */
  async #wait(ms: number, signal: AbortSignal): Promise<void> {
    await this.#deps.clock.sleep(ms, signal).catch(() => undefined);
  }
}
