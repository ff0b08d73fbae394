import type { Clock, GpioLines, Level, PanelLine, PanelPort, SpiPort } from '../../hardware/index.js';
import { SimError } from '../errors.js';
import { Glass } from './glass.js';
import { Lint, type Strictness } from './lint.js';
import { type Trace, TraceRecorder } from './trace.js';
import { type Refresh, Uc8179Chip } from './uc8179-chip.js';

export interface SimPanelOptions {
  readonly width: number;
  readonly height: number;
  readonly clock: Clock;
  readonly strictness?: Strictness;
  /** What unknown glass and unwritten RAM hold, 0 to 1. */
  readonly random?: () => number;
  readonly maxTransferBytes?: number;
  readonly busyAssertMs?: number;
  readonly otpFast?: boolean;
  /** Told when a refresh has ended, also one that was cut off (`share` below 1). */
  readonly onRefresh?: (refresh: Refresh) => void;
}

/** spidev's default `bufsiz`. */
const SPIDEV_BUFFER_BYTES = 4_096;
/** BUSY_N falls about this late on real glass. */
const BUSY_ASSERT_MS = 1;

/** A panel on its connector: the wires, the chip behind them and the glass behind that. */
export class SimPanel implements PanelPort {
  readonly spi: SpiPort;
  readonly gpio: GpioLines;
  readonly clock: Clock;
  readonly #glass: Glass;
  readonly lint: Lint;
  readonly #chip: Uc8179Chip;
  readonly #trace = new TraceRecorder();
  readonly #refreshes: Refresh[] = [];
  readonly #onRefresh: ((refresh: Refresh) => void) | undefined;
  readonly #levels = new Map<PanelLine, Level>([
    ['rst', 1],
    ['dc', 0],
    ['pwr', 1],
    ['cs-m', 0],
    ['cs-s', 0],
  ]);
  readonly #stopped = new AbortController();
  #stuckBusy: Level | undefined;
  #supplied = true;
  #cutAtMs: number | undefined;
  #watch: Promise<void> = Promise.resolve();

  constructor(options: SimPanelOptions) {
    const { clock, strictness = 'lint', random = seededRandom(1), maxTransferBytes = SPIDEV_BUFFER_BYTES } = options;
    this.clock = clock;
    this.#onRefresh = options.onRefresh;
    this.#glass = new Glass({ width: options.width, height: options.height, random });
    this.lint = new Lint({ strictness, clock });
    this.#chip = new Uc8179Chip({
      glass: this.#glass,
      clock,
      lint: this.lint,
      random,
      busyAssertMs: options.busyAssertMs ?? BUSY_ASSERT_MS,
      otpFast: options.otpFast ?? true,
      onRefresh: (refresh) => this.#ended(refresh),
    });
    this.spi = { maxTransferBytes, transfer: async (bytes) => this.#transfer(bytes, maxTransferBytes) };
    this.gpio = { set: async (line, level) => this.#set(line, level), get: async (line) => this.#get(line) };
  }

  /** The glass as it is at this moment. */
  get glass(): Glass {
    this.#passTime();
    return this.#glass;
  }

  /** Every refresh that has ended, oldest first. */
  get refreshes(): readonly Refresh[] {
    this.#passTime();
    return this.#refreshes;
  }

  /** Milliseconds for which BUSY was held: the panel's own share of every waiting time. */
  get busyHeldMs(): number {
    this.#passTime();
    return this.#chip.busyHeldMs;
  }

  /** What came over the wires, in the shape of the recorded vendor sequences. */
  get trace(): Trace {
    return this.#trace.steps;
  }

  /** What a register of the chip holds, by its name in the datasheet. */
  register(name: string): readonly number[] {
    return this.#chip.register(name);
  }

  /** Holds BUSY at a level whatever the chip does; undefined lets go. */
  holdBusy(level: Level | undefined): void {
    this.#stuckBusy = level;
  }

  /** Takes the supply away after so many milliseconds, in the middle of whatever happens then. */
  cutPower(afterMs = 0): void {
    this.#cutAtMs = this.clock.monotonic() + afterMs;
    this.#passTime();
  }

  restorePower(): void {
    this.#passTime();
    this.#cutAtMs = undefined;
    this.#supplied = true;
  }

  /** Ends the watch over a running refresh. The glass stays as it is. */
  async stop(): Promise<void> {
    this.#stopped.abort();
    await this.#watch;
  }

  get #powered(): boolean {
    return this.#supplied && this.#levels.get('pwr') === 1;
  }

  #transfer(bytes: Uint8Array, maxTransferBytes: number): void {
    this.#passTime();
    if (bytes.length > maxTransferBytes) {
      const message = `EMSGSIZE: a transfer of ${bytes.length} bytes, the bus takes ${maxTransferBytes}`;
      this.lint.report('message-too-long', message);
      throw new SimError('epd.message-too-long', message);
    }
    if (this.#levels.get('cs-m') === 1) return;
    const isData = this.#levels.get('dc') === 1;
    if (isData) this.#trace.data(bytes);
    else for (const code of bytes) this.#trace.command(code);
    if (!this.#powered || this.#levels.get('rst') === 0) {
      this.lint.report('bytes-while-off', `${bytes.length} bytes without power or in reset`);
      return;
    }
    if (isData) this.#chip.data(bytes);
    else for (const code of bytes) this.#chip.command(code);
    if (this.#onRefresh !== undefined) this.#watchOver();
  }

  #set(line: Exclude<PanelLine, 'busy'>, level: Level): void {
    this.#passTime();
    const was = this.#levels.get(line);
    this.#levels.set(line, level);
    if (line === 'rst') {
      this.#trace.reset(level);
      if (was === 1 && level === 0 && this.#powered) this.#chip.reset();
    }
    if (line === 'pwr' && was !== level) {
      this.#trace.power(level);
      if (level === 0) this.#chip.losePower(this.clock.monotonic());
    }
  }

  #get(line: PanelLine): Level {
    this.#passTime();
    if (line !== 'busy') return this.#levels.get(line) ?? 0;
    const level = this.#stuckBusy ?? (this.#powered ? this.#chip.busyN : 0);
    this.#trace.busy();
    return level;
  }

  #passTime(): void {
    const cutAtMs = this.#cutAtMs;
    if (this.#supplied && cutAtMs !== undefined && this.clock.monotonic() >= cutAtMs) {
      this.#supplied = false;
      this.#chip.losePower(cutAtMs);
    }
    this.#chip.settle();
  }

  #ended(refresh: Refresh): void {
    this.#refreshes.push(refresh);
    this.#onRefresh?.(refresh);
  }

  /** Without a listener the chip needs no alarm: it looks at the clock whenever somebody looks at it. */
  #watchOver(): void {
    const untilMs = this.#chip.busyUntilMs;
    if (untilMs === undefined) return;
    const leftMs = untilMs - this.clock.monotonic();
    this.#watch = this.clock.sleep(leftMs, this.#stopped.signal).then(
      () => this.#passTime(),
      () => undefined,
    );
  }
}

/** Numbers from 0 to 1 that look like chance and are the same every time (mulberry32, public domain). */
export function seededRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
