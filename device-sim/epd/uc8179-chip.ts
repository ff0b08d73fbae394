import type { Clock, Level } from '../../hardware/index.js';
import type { Glass, Region } from './glass.js';
import type { Lint } from './lint.js';
import { RamPlane } from './ram-plane.js';
import type { ChipCommand } from './uc8179-commands.js';
import { UC8179_COMMANDS, UC8179_DEFAULTS } from './uc8179-commands.js';
import { checkResolution, windowOf } from './uc8179-geometry.js';
import { type Uc8179Waveform, waveformOf } from './uc8179-waveforms.js';

/** A refresh that has begun; `durationMs` is how long the glass was driven, `share` how much of it was done. */
export interface Refresh {
  readonly atMs: number;
  readonly mode: Uc8179Waveform['mode'];
  readonly window: Region;
  readonly durationMs: number;
  readonly share: number;
}

export interface Uc8179Options {
  readonly glass: Glass;
  readonly clock: Pick<Clock, 'now' | 'monotonic'>;
  readonly lint: Lint;
  /** What RAM holds that nobody has written. */
  readonly random: () => number;
  /** BUSY_N falls this late after PON and DRF. */
  readonly busyAssertMs: number;
  /** Glass of before 2023 has no fast and partial waveforms in its OTP: both become a full flash. */
  readonly otpFast: boolean;
  readonly onRefresh?: (refresh: Refresh) => void;
}

type Busy = { name: string; fromMs: number; heldFromMs: number; untilMs: number; end: (share: number) => void };

const POWER_ON_MS = 129; // GxEPD2, GDEY075T7
const POWER_OFF_MS = 40; // GxEPD2, GDEY075T7
const TEMPERATURE_MS = 5;
const ADVISED_INTERVAL_MS = 180_000; // Waveshare wiki
const DSLP_CHECK_CODE = 0xa5;
/** A LUT of ten groups of six bytes. */
const LONGEST_ARGUMENTS = 60;

/** A UC8179 in two-ink mode, byte by byte. */
export class Uc8179Chip {
  readonly #options: Uc8179Options;
  readonly #old: RamPlane;
  readonly #new: RamPlane;
  readonly #registers = new Map<string, readonly number[]>();
  #command: ChipCommand | undefined;
  #arguments: number[] = [];
  #plane: RamPlane | undefined;
  #planeOverrun = false;
  #deaf = false;
  #highVoltage = false;
  #asleep = false;
  #partial = false;
  #window: Region | undefined;
  #busy: Busy | undefined;
  #lastRefreshMs: number | undefined;
  #busyHeldMs = 0;

  constructor(options: Uc8179Options) {
    this.#options = options;
    this.#old = new RamPlane(options.glass);
    this.#new = new RamPlane(options.glass);
    this.#loseRam();
    this.#resetRegisters();
  }

  /** Milliseconds for which the BUSY line was held since the chip was made. */
  get busyHeldMs(): number {
    this.settle();
    return this.#busyHeldMs;
  }

  /** The level of BUSY_N: 0 while the chip is at work. */
  get busyN(): Level {
    this.settle();
    return this.#busy !== undefined && this.#now() >= this.#busy.heldFromMs ? 0 : 1;
  }

  /** When the present work ends, on the monotonic clock; undefined when idle. */
  get busyUntilMs(): number | undefined {
    return this.#busy?.untilMs;
  }

  /** What a register holds, by its name in the datasheet. */
  register(name: string): readonly number[] {
    return this.#registers.get(name) ?? [];
  }

  command(code: number): void {
    const command = UC8179_COMMANDS[code];
    this.#deaf = true;
    if (!this.#listens(`command ${hex(code)}`, command?.name)) return;
    this.#close();
    if (command === undefined) {
      this.#options.lint.report('unknown-command', `command ${hex(code)}`);
      return;
    }
    this.#deaf = false;
    this.#command = command;
    this.#arguments = [];
    this.#begin(command.name);
  }

  data(bytes: Uint8Array): void {
    if (this.#deaf || !this.#listens(`${bytes.length} bytes of data`, undefined)) return;
    const command = this.#command;
    if (command === undefined) this.#options.lint.report('data-without-command', `${bytes.length} bytes`);
    else if (this.#plane !== undefined) this.#writePlane(this.#plane, bytes);
    else this.#takeArguments(command, bytes);
  }

  /** The falling edge of RST: ends what was going on, registers to their defaults; RAM stays unless the chip slept. */
  reset(): void {
    this.settle();
    this.#abort(this.#now());
    if (this.#highVoltage) this.#options.lint.report('reset-with-power', 'RST fell before POF');
    this.#resetRegisters();
  }

  /** The supply went away at a moment on the monotonic clock. */
  losePower(atMs: number): void {
    this.settle(atMs);
    this.#abort(atMs);
    this.#resetRegisters();
    this.#loseRam();
  }

  /** Finishes work whose time has come. */
  settle(nowMs = this.#now()): void {
    if (this.#busy !== undefined && nowMs >= this.#busy.untilMs) this.#end(this.#busy, this.#busy.untilMs, 1);
  }

  #abort(atMs: number): void {
    const busy = this.#busy;
    if (busy !== undefined) this.#end(busy, atMs, (atMs - busy.fromMs) / (busy.untilMs - busy.fromMs));
  }

  #end(busy: Busy, atMs: number, share: number): void {
    this.#busy = undefined;
    this.#busyHeldMs += Math.max(0, atMs - busy.heldFromMs);
    busy.end(share);
  }

  #listens(what: string, name: string | undefined): boolean {
    this.settle();
    const { lint } = this.#options;
    if (this.#asleep) lint.report('bytes-while-off', `${what} in deep sleep`);
    // FLG is the one question that a busy chip answers.
    else if (this.#busy !== undefined && name !== 'FLG')
      lint.report('bytes-while-busy', `${what} during ${this.#busy.name}`);
    return !this.#asleep && this.#busy === undefined;
  }

  #close(): void {
    const command = this.#command;
    const plane = this.#plane;
    this.#command = undefined;
    this.#plane = undefined;
    if (plane !== undefined && plane.missing > 0) {
      this.#options.lint.report('plane-too-short', `${command?.name} lacks ${plane.missing} bytes`);
    }
    if (command !== undefined && this.#arguments.length < command.min) this.#wrongCount(command);
  }

  #wrongCount({ name, min, max }: ChipCommand): void {
    const takes = min === max ? `${min}` : `${min} to ${max}`;
    this.#options.lint.report('wrong-parameter-count', `${name} got ${this.#arguments.length} bytes, takes ${takes}`);
  }

  #begin(name: string): void {
    if (name === 'DTM1' || name === 'DTM2') this.#beginPlane(name);
    else if (name === 'PON') this.#work(name, POWER_ON_MS, () => this.#setHighVoltage(true));
    else if (name === 'POF') this.#work(name, POWER_OFF_MS, () => this.#setHighVoltage(false));
    else if (name === 'DRF') this.#refresh();
    else if (name === 'TSC') this.#work(name, TEMPERATURE_MS, () => undefined);
    else if (name === 'PTIN') this.#partial = true;
    else if (name === 'PTOUT') this.#partial = false;
    else if (name === 'AUTO') this.#options.lint.report('not-modelled', name);
  }

  #takeArguments(command: ChipCommand, bytes: Uint8Array): void {
    this.#arguments.push(...bytes.subarray(0, LONGEST_ARGUMENTS + 1));
    if (this.#arguments.length > command.max) this.#wrongCount(command);
    else if (this.#arguments.length >= command.min) this.#take(command.name, this.#arguments);
  }

  #beginPlane(name: string): void {
    this.#plane = name === 'DTM1' ? this.#old : this.#new;
    this.#planeOverrun = false;
    this.#plane.begin(this.#addressed(name));
  }

  #writePlane(plane: RamPlane, bytes: Uint8Array): void {
    const over = plane.write(bytes);
    if (over === 0 || this.#planeOverrun) return;
    this.#planeOverrun = true;
    this.#options.lint.report('plane-too-long', `${this.#command?.name} got more bytes than its window has`);
  }

  #take(name: string, values: readonly number[]): void {
    this.#registers.set(name, [...values]);
    if (name === 'PTL') this.#window = windowOf(values, this.#options) ?? this.#window;
    if (name === 'TRES') checkResolution(values, this.#options);
    if (name === 'DSLP') this.#sleep(values[0] ?? 0);
    // RST_N in PSR: a soft reset when it is 0.
    if (name === 'PSR' && ((values[0] ?? 0) & 0x01) === 0) this.#resetRegisters();
  }

  #sleep(checkCode: number): void {
    const { lint } = this.#options;
    if (checkCode !== DSLP_CHECK_CODE) {
      lint.report('wrong-check-code', `DSLP ${hex(checkCode)}`);
      return;
    }
    if (this.#highVoltage) lint.report('sleep-without-power-off', 'DSLP before POF');
    this.#asleep = true;
    this.#highVoltage = false;
    this.#loseRam();
  }

  #refresh(): void {
    const waveform = waveformOf((name) => this.register(name), this.#options.otpFast);
    if (!this.#highVoltage) this.#options.lint.report('refresh-without-power', 'DRF before PON');
    else if (waveform === undefined) this.#options.lint.report('not-modelled', 'three inks (KW/R in PSR)');
    else this.#drive(waveform);
  }

  #drive(waveform: Uc8179Waveform): void {
    const { glass, lint, clock } = this.#options;
    const window = this.#addressed('DRF');
    if (!this.#old.isKnown(window) || !this.#new.isKnown(window)) {
      lint.report('refresh-of-unknown-ram', `the ${waveform.mode} refresh drives what nobody wrote`);
    }
    const since = this.#lastRefreshMs === undefined ? ADVISED_INTERVAL_MS : this.#now() - this.#lastRefreshMs;
    if (since < ADVISED_INTERVAL_MS) lint.report('refresh-too-soon', `${Math.round(since)} ms after the last`);
    const atMs = clock.now();
    const fromMs = this.#now();
    this.#work('DRF', waveform.durationMs, (share) => {
      this.#lastRefreshMs = fromMs + waveform.durationMs * share;
      glass.drive(window, waveform.target(this.#old, this.#new, glass), { flash: waveform.flash, progress: share });
      if (share === 1 && waveform.copiesNewToOld) this.#old.copyFrom(this.#new, window);
      const durationMs = waveform.durationMs * share;
      this.#options.onRefresh?.({ atMs, mode: waveform.mode, window, durationMs, share });
    });
  }

  /** The window counts only inside partial mode. */
  #addressed(name: string): Region {
    const { width, height } = this.#options.glass;
    const whole = { x: 0, y: 0, width, height };
    if (!this.#partial) return whole;
    if (this.#window === undefined)
      this.#options.lint.report('partial-without-window', `${name} after PTIN before PTL`);
    return this.#window ?? whole;
  }

  #work(name: string, durationMs: number, end: (share: number) => void): void {
    const fromMs = this.#now();
    // Vendors pause before they look at BUSY after PON and DRF, and look at once after POF.
    const lateMs = name === 'PON' || name === 'DRF' ? this.#options.busyAssertMs : 0;
    this.#busy = { name, fromMs, heldFromMs: fromMs + lateMs, untilMs: fromMs + durationMs, end };
  }

  #setHighVoltage(on: boolean): void {
    this.#highVoltage = on;
  }

  #resetRegisters(): void {
    this.#registers.clear();
    for (const [name, values] of Object.entries(UC8179_DEFAULTS)) this.#registers.set(name, values);
    this.#command = undefined;
    this.#plane = undefined;
    this.#arguments = [];
    this.#deaf = false;
    this.#asleep = false;
    this.#highVoltage = false;
    this.#partial = false;
    this.#window = undefined;
  }

  #loseRam(): void {
    this.#old.lose(this.#options.random);
    this.#new.lose(this.#options.random);
  }

  #now(): number {
    return this.#options.clock.monotonic();
  }
}

function hex(byte: number): string {
  return byte.toString(16).padStart(2, '0').toUpperCase();
}
