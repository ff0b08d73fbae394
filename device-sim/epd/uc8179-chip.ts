import type { Chip, ChipOptions } from './chip.js';
import { ChipWork } from './chip-work.js';
import { CommandInput, hex, type PlaneInput } from './command-input.js';
import type { Region } from './glass.js';
import { RamPlane } from './ram-plane.js';
import type { RefreshRules } from './refresh-rules.js';
import { UC8179_COMMANDS, UC8179_DEFAULTS } from './uc8179-commands.js';
import { checkResolution, windowOf } from './uc8179-geometry.js';
import { type Uc8179Waveform, waveformOf } from './uc8179-waveforms.js';
import { WindowInput } from './window-input.js';

const TEMPERATURE_MS = 5;
const DSLP_CHECK_CODE = 0xa5;

/** A UC8179, byte by byte, with two inks or three. */
export class Uc8179Chip implements Chip {
  readonly #options: ChipOptions;
  readonly #rules: RefreshRules;
  readonly #old: RamPlane;
  readonly #new: RamPlane;
  readonly #work: ChipWork;
  readonly #input: CommandInput;
  #highVoltage = false;
  #asleep = false;
  #partial = false;
  #window: Region | undefined;

  constructor(options: ChipOptions, rules: RefreshRules) {
    this.#options = options;
    this.#rules = rules;
    this.#old = new RamPlane(options.glass);
    this.#new = new RamPlane(options.glass);
    this.#work = new ChipWork(() => options.clock.monotonic());
    this.#input = new CommandInput({
      commands: UC8179_COMMANDS,
      defaults: UC8179_DEFAULTS,
      lint: options.lint,
      begin: (name) => this.#begin(name),
      take: (name, values) => this.#take(name, values),
    });
    this.#loseRam();
  }

  get busy(): boolean {
    this.settle();
    return this.#work.held;
  }

  get busyUntilMs(): number | undefined {
    return this.#work.untilMs;
  }

  get busyHeldMs(): number {
    this.settle();
    return this.#work.heldMs;
  }

  register(name: string): readonly number[] {
    return this.#input.register(name);
  }

  command(code: number): void {
    this.#input.command(code, this.#listens(`command ${hex(code)}`, this.#input.nameOf(code)));
  }

  data(bytes: Uint8Array): void {
    this.#input.data(bytes, () => this.#listens(`${bytes.length} bytes of data`, undefined));
  }

  deselect(): void {
    // Chip select may rise between the bytes of a command.
  }

  /** Ends what was going on, registers to their defaults; RAM stays unless the chip slept. */
  reset(): void {
    this.#work.abort();
    if (this.#highVoltage) this.#options.lint.report('reset-with-power', 'RST fell before POF');
    this.#resetRegisters();
  }

  losePower(atMs: number): void {
    this.#work.abort(atMs);
    this.#resetRegisters();
    this.#loseRam();
  }

  settle(): void {
    this.#work.settle();
  }

  #listens(what: string, name: string | undefined): boolean {
    this.settle();
    this.#rules.spoken(this.#highVoltage);
    const { lint } = this.#options;
    const doing = this.#work.name;
    if (this.#asleep) lint.report('bytes-while-off', `${what} in deep sleep`);
    // FLG is the one question that a busy chip answers.
    else if (doing !== undefined && name !== 'FLG') lint.report('bytes-while-busy', `${what} during ${doing}`);
    return !this.#asleep && doing === undefined;
  }

  #begin(name: string): PlaneInput | undefined {
    const { powerOnMs, powerOffMs } = this.#options.model;
    if (name === 'DTM1' || name === 'DTM2') return this.#openPlane(name);
    if (name === 'PON') this.#start(name, powerOnMs, () => this.#setHighVoltage(true));
    else if (name === 'POF') this.#start(name, powerOffMs, () => this.#setHighVoltage(false));
    else if (name === 'DRF') this.#refresh();
    else if (name === 'TSC') this.#start(name, TEMPERATURE_MS, () => undefined);
    else if (name === 'PTIN') this.#partial = true;
    else if (name === 'PTOUT') this.#partial = false;
    else if (name === 'AUTO') this.#options.lint.report('not-modelled', name);
    return undefined;
  }

  #openPlane(name: string): PlaneInput {
    const plane = name === 'DTM1' ? this.#old : this.#new;
    return new WindowInput(plane, { window: this.#addressed(name), name, lint: this.#options.lint });
  }

  #take(name: string, values: readonly number[]): void {
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
    const { model, otpFast, lint } = this.#options;
    const waveform = waveformOf((name) => this.register(name), model, otpFast);
    if (!this.#highVoltage) lint.report('refresh-without-power', 'DRF before PON');
    else if (waveform === undefined) lint.report('not-modelled', 'three inks (KW/R in PSR) on glass of two');
    else this.#drive(waveform);
  }

  #drive(waveform: Uc8179Waveform): void {
    const { glass, lint, clock, slowness, onRefresh } = this.#options;
    const window = this.#addressed('DRF');
    const { mode } = waveform;
    if (!this.#old.isKnown(window) || !this.#new.isKnown(window)) {
      lint.report('refresh-of-unknown-ram', `the ${mode} refresh drives what nobody wrote`);
    }
    this.#rules.begin(mode);
    const atMs = clock.now();
    const fromMs = clock.monotonic();
    const wholeMs = waveform.durationMs * slowness();
    this.#start('DRF', wholeMs, (share) => {
      const durationMs = wholeMs * share;
      this.#rules.ended(fromMs + durationMs);
      glass.drive(window, waveform.target(this.#old, this.#new, glass), { flash: waveform.flash, progress: share });
      if (share === 1 && waveform.copiesNewToOld) this.#old.copyFrom(this.#new, window);
      onRefresh?.({ atMs, mode, window, durationMs, share });
    });
  }

  /** The window counts only inside partial mode. */
  #addressed(name: string): Region {
    const { width, height } = this.#options.glass;
    const whole = { x: 0, y: 0, width, height };
    if (!this.#partial) return whole;
    if (this.#window === undefined) {
      this.#options.lint.report('partial-without-window', `${name} after PTIN before PTL`);
    }
    return this.#window ?? whole;
  }

  #start(name: string, durationMs: number, end: (share: number) => void): void {
    // Vendors pause before they look at BUSY after PON and DRF, and look at once after POF.
    const lateMs = name === 'PON' || name === 'DRF' ? this.#options.busyAssertMs : 0;
    this.#work.begin(name, durationMs, end, lateMs);
  }

  #setHighVoltage(on: boolean): void {
    this.#highVoltage = on;
  }

  #resetRegisters(): void {
    this.#input.reset();
    this.#asleep = false;
    this.#highVoltage = false;
    this.#partial = false;
    this.#window = undefined;
  }

  #loseRam(): void {
    this.#old.lose(this.#options.random);
    this.#new.lose(this.#options.random);
  }
}
