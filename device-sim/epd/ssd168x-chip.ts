import type { Chip, ChipOptions } from './chip.js';
import { ChipWork } from './chip-work.js';
import { CommandInput, hex, type PlaneInput } from './command-input.js';
import type { RefreshRules } from './refresh-rules.js';
import type { SsdModel } from './sim-panels.js';
import { SSD168X_COMMANDS, ssd168xDefaults } from './ssd168x-commands.js';
import { Ssd168xRam, word } from './ssd168x-ram.js';
import {
  firstColumn,
  otpWaveform,
  type SsdWaveform,
  sourcesAreSet,
  targetOf,
  UPDATE,
  writtenWaveform,
} from './ssd168x-waveforms.js';

const RESET_MS = 10;
const LOAD_MS = 5;
const ROOM_C = 22;
const SLEEP_WITHOUT_RAM = 0x02;
const PING_PONG = 0x40;

/** An SSD1680 or SSD1683 with two inks, byte by byte. */
export class Ssd168xChip implements Chip {
  readonly #options: ChipOptions;
  readonly #ssd: SsdModel;
  readonly #rules: RefreshRules;
  readonly #ram: Ssd168xRam;
  readonly #work: ChipWork;
  readonly #input: CommandInput;
  #asleep = false;
  #clock = false;
  #analog = false;
  #temperatureC = ROOM_C;
  #waveform: SsdWaveform | undefined;

  constructor(options: ChipOptions, ssd: SsdModel, rules: RefreshRules) {
    const { columns, rows } = ssd;
    this.#options = options;
    this.#ssd = ssd;
    this.#rules = rules;
    this.#ram = new Ssd168xRam({ columns, rows, lint: options.lint });
    this.#work = new ChipWork(() => options.clock.monotonic());
    this.#input = new CommandInput({
      commands: SSD168X_COMMANDS,
      defaults: ssd168xDefaults(columns, rows),
      lint: options.lint,
      begin: (name) => this.#begin(name),
      take: (name, values) => this.#take(name, values),
    });
    this.#resetRegisters();
    this.#ram.lose(options.random);
  }

  /** In deep sleep BUSY stays held: who waits for it before a reset waits for ever. */
  get busy(): boolean {
    this.settle();
    return this.#asleep || this.#work.held;
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
    this.#input.command(code, this.#listens(`command ${hex(code)}`));
  }

  data(bytes: Uint8Array): void {
    this.#input.data(bytes, () => this.#listens(`${bytes.length} bytes of data`));
  }

  deselect(): void {
    // Chip select may rise between the bytes of a command.
  }

  /** Registers to their defaults, RAM stays. */
  reset(): void {
    this.#work.abort();
    if (this.#analog) this.#options.lint.report('reset-with-power', 'RST fell with the high voltage on');
    this.#resetRegisters();
    this.#work.begin('reset', RESET_MS, () => undefined);
  }

  losePower(atMs: number): void {
    this.#work.abort(atMs);
    this.#resetRegisters();
    this.#ram.lose(this.#options.random);
  }

  settle(): void {
    this.#work.settle();
  }

  #listens(what: string): boolean {
    this.settle();
    this.#rules.spoken(this.#analog);
    const { lint } = this.#options;
    const doing = this.#work.name;
    if (this.#asleep) lint.report('bytes-while-off', `${what} in deep sleep`);
    // Vendors speak to a chip that was just reset, and are heard.
    else if (doing === 'reset') lint.report('bytes-while-resetting', what);
    else if (doing !== undefined) lint.report('bytes-while-busy', `${what} during ${doing}`);
    return !this.#asleep && (doing === undefined || doing === 'reset');
  }

  #begin(name: string): PlaneInput | undefined {
    if (name === 'WRITE_BW') return this.#ram.open('bw');
    if (name === 'WRITE_RED') return this.#ram.open('red');
    if (name === 'SWRESET') {
      this.#resetRegisters();
      this.#work.begin(name, RESET_MS, () => undefined);
    } else if (name === 'ACTIVATE') this.#activate();
    return undefined;
  }

  #take(name: string, values: readonly number[]): void {
    const register = (of: string): readonly number[] => this.register(of);
    if (name === 'DEEP_SLEEP') this.#sleep(values[0] ?? 0);
    else if (name === 'TEMPERATURE') this.#temperatureC = values[0] ?? 0;
    else if (name === 'LUT') this.#takeWaveform(values);
    else if (name === 'X_WINDOW' || name === 'Y_WINDOW' || name === 'DATA_ENTRY') this.#setWindow(name);
    else if (name === 'X_COUNTER' || name === 'Y_COUNTER') this.#ram.setCounters(register);
    else if (name === 'DRIVER_OUTPUT') this.#checkGates(values);
  }

  #takeWaveform(values: readonly number[]): void {
    const { lint, model } = this.#options;
    const { lutBytes } = this.#ssd;
    if (values.length < lutBytes) return;
    if (values.length > lutBytes)
      lint.report('waveform-too-long', `${values.length} bytes, the chip keeps ${lutBytes}`);
    this.#waveform = writtenWaveform(values, model, this.#ssd);
    if (this.#waveform === undefined) lint.report('unknown-waveform', `${values.length} bytes`);
  }

  #setWindow(name: string): void {
    const { lint, glass } = this.#options;
    this.#ram.setWindow((of) => this.register(of));
    const columns = Math.ceil(glass.width / 8) + (this.#ssd.fromSource8 ? 1 : 0);
    const x = this.register('X_WINDOW');
    const y = this.register('Y_WINDOW');
    const [right, bottom] = [Math.max(...x), Math.max(word(y, 0), word(y, 2))];
    const outside = name === 'X_WINDOW' ? right >= columns : name === 'Y_WINDOW' && bottom >= glass.height;
    if (outside) lint.report('window-outside', `columns to ${right}, rows to ${bottom}`);
  }

  /** Gates that are never scanned keep what they show. */
  #checkGates(values: readonly number[]): void {
    const gates = word(values, 0) + 1;
    const { height } = this.#options.glass;
    if (gates < height) this.#options.lint.report('wrong-resolution', `${gates} gates of ${height}`);
  }

  #sleep(mode: number): void {
    if ((mode & 0x03) === 0) return;
    if (this.#analog) this.#options.lint.report('sleep-without-power-off', 'deep sleep with the high voltage on');
    this.#asleep = true;
    this.#analog = false;
    this.#clock = false;
    if ((mode & SLEEP_WITHOUT_RAM) !== 0) this.#ram.lose(this.#options.random);
  }

  #activate(): void {
    const { lint, model, otpFast } = this.#options;
    const [steps = 0] = this.register('UPDATE_CONTROL_2');
    const has = (bit: number): boolean => (steps & bit) !== 0;
    let beforeMs = 1;
    if (has(UPDATE.clockOn)) this.#clock = true;
    if (has(UPDATE.analogOn) && !this.#analog) {
      this.#analog = true;
      beforeMs += model.powerOnMs;
    }
    if (has(UPDATE.loadTemperature)) this.#temperatureC = ROOM_C;
    if (has(UPDATE.loadWaveform)) {
      this.#waveform = otpWaveform(model, { temperatureC: this.#temperatureC, mode2: has(UPDATE.mode2), otpFast });
      beforeMs += LOAD_MS;
    }
    const afterMs = has(UPDATE.analogOff) && this.#analog ? model.powerOffMs : 0;
    const end = (): void => {
      if (has(UPDATE.analogOff)) this.#analog = false;
      if (has(UPDATE.clockOff)) this.#clock = false;
    };
    if (!has(UPDATE.display)) this.#work.begin('ACTIVATE', beforeMs + afterMs, end);
    else if (!this.#clock || !this.#analog) lint.report('refresh-without-power', `update ${hex(steps)}`);
    else if (this.#waveform === undefined) lint.report('refresh-without-waveform', `update ${hex(steps)}`);
    else this.#display(this.#waveform, { beforeMs, afterMs, end });
  }

  #display(
    waveform: SsdWaveform,
    { beforeMs, afterMs, end }: { beforeMs: number; afterMs: number; end: () => void },
  ): void {
    const { glass, lint, clock, slowness, onRefresh } = this.#options;
    const { mode, flash } = waveform;
    const control1 = this.register('UPDATE_CONTROL_1');
    const first = firstColumn(control1, this.#ssd, this.#ram);
    const area = { firstColumn: first, columns: Math.ceil(glass.width / 8), rows: glass.height };
    const needsRed = mode === 'partial' || mode === 'grey';
    if (!this.#ram.isKnown('bw', area) || (needsRed && !this.#ram.isKnown('red', area))) {
      lint.report('refresh-of-unknown-ram', `the ${mode} refresh drives what nobody wrote`);
    }
    if (this.#ssd.fromSource8 && !sourcesAreSet(control1)) lint.report('source-range-not-set', `${mode} refresh`);
    this.#rules.begin(mode);
    const atMs = clock.now();
    const fromMs = clock.monotonic() + beforeMs;
    const wholeMs = waveform.durationMs * slowness();
    const allMs = beforeMs + wholeMs + afterMs;
    const window = { x: 0, y: 0, width: glass.width, height: glass.height };
    this.#work.begin('ACTIVATE', allMs, (share) => {
      const progress = Math.max(0, Math.min(1, (share * allMs - beforeMs) / wholeMs));
      const target = targetOf(mode, this.#ram, {
        updateControl1: control1[0] ?? 0,
        firstColumn: first,
        greyWhite: this.#ssd.greyWhite,
      });
      this.#rules.ended(fromMs + wholeMs * progress);
      glass.drive(window, target, { flash, progress });
      const [, , , , , option = 0] = this.register('DISPLAY_OPTION');
      if (progress === 1 && mode === 'partial' && (option & PING_PONG) !== 0) this.#ram.swap();
      if (share === 1) end();
      onRefresh?.({ atMs, mode, window, durationMs: wholeMs * progress, share: progress });
    });
  }

  #resetRegisters(): void {
    this.#input.reset();
    this.#ram.address((name) => this.register(name));
    this.#asleep = false;
    this.#clock = false;
    this.#analog = false;
    this.#temperatureC = ROOM_C;
    this.#waveform = undefined;
  }
}
