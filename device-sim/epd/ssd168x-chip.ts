import type { ChipOptions } from './chip.js';
import { type Answer, hex, type PlaneInput } from './command-input.js';
import type { ChipFamily, ControllerChip } from './controller-chip.js';
import type { SsdModel } from './sim-panels.js';
import { ssdAnswer } from './ssd168x-answers.js';
import { borderIsFixed, ssdBorder } from './ssd168x-border.js';
import { SSD168X_COMMANDS, ssd168xDefaults } from './ssd168x-commands.js';
import { Ssd168xRam, word } from './ssd168x-ram.js';
import {
  firstColumn,
  otpWaveform,
  pathTarget,
  planeOf,
  type RamView,
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

/** What an SSD1680 or SSD1683 with two inks does with what it is told. */
export class Ssd168xChip implements ChipFamily {
  readonly commands = SSD168X_COMMANDS;
  readonly defaults: Readonly<Record<string, readonly number[]>>;
  readonly resetMs = RESET_MS;
  // Vendors speak to a chip that was just reset, and are heard.
  readonly hearsInReset = true;
  readonly busyAsleep = true;
  readonly framedByCs = false;
  readonly alwaysHeard = [];
  readonly #options: ChipOptions;
  readonly #ssd: SsdModel;
  readonly #chip: ControllerChip;
  readonly #ram: Ssd168xRam;
  #clock = false;
  #temperatureC = ROOM_C;
  #waveform: SsdWaveform | undefined;

  constructor(options: ChipOptions, ssd: SsdModel, chip: ControllerChip) {
    const { columns, rows } = ssd;
    this.defaults = ssd168xDefaults(columns, rows);
    this.#options = options;
    this.#ssd = ssd;
    this.#chip = chip;
    this.#ram = new Ssd168xRam({ columns, rows, lint: options.lint });
  }

  begin(name: string): PlaneInput | undefined {
    const { lint } = this.#options;
    if (name === 'WRITE_BW') return this.#ram.open('bw');
    if (name === 'WRITE_RED') return this.#ram.open('red');
    if (name === 'SWRESET') {
      this.#chip.forget();
      this.#chip.begin(name, RESET_MS, () => undefined);
    } else if (name === 'ACTIVATE') this.#activate();
    // Over what it counts, and how, is not published.
    else if (name === 'COUNT_CRC' || name === 'READ_CRC') lint.report('not-modelled', name);
    else if (name.startsWith('PROGRAM_')) lint.report('otp-programmed', name);
    return undefined;
  }

  take(name: string, values: readonly number[]): void {
    const register = (of: string): readonly number[] => this.#chip.register(of);
    if (name === 'DEEP_SLEEP') this.#sleep(values[0] ?? 0);
    else if (name === 'TEMPERATURE') this.#temperatureC = values[0] ?? 0;
    else if (name === 'LUT') this.#takeWaveform(values);
    else if (name === 'X_WINDOW' || name === 'Y_WINDOW' || name === 'DATA_ENTRY') this.#setWindow(name);
    else if (name === 'X_COUNTER' || name === 'Y_COUNTER') this.#ram.setCounters(register);
    else if (name === 'DRIVER_OUTPUT') this.#checkGates(values);
  }

  answer(name: string): Answer | undefined {
    return ssdAnswer(name, {
      register: (of) => this.#chip.register(of),
      ram: this.#ram,
      temperatureC: this.#temperatureC,
      isBusy: this.#chip.busy,
    });
  }

  forget(): void {
    this.#ram.address((name) => this.#chip.register(name));
    this.#clock = false;
    this.#temperatureC = ROOM_C;
    this.#waveform = undefined;
  }

  loseRam(): void {
    this.#ram.lose(this.#options.random);
  }

  #takeWaveform(values: readonly number[]): void {
    const { lint, model } = this.#options;
    const { lutBytes } = this.#ssd;
    if (values.length < lutBytes) return;
    if (values.length > lutBytes) {
      lint.report('waveform-too-long', `${values.length} bytes, the chip keeps ${lutBytes}`);
    }
    this.#waveform = writtenWaveform(values, model, this.#ssd);
    if (this.#waveform.mode === undefined) lint.report('unknown-waveform', `${values.length} bytes`);
  }

  #setWindow(name: string): void {
    const { lint, glass } = this.#options;
    const register = (of: string): readonly number[] => this.#chip.register(of);
    this.#ram.setWindow(register);
    const columns = Math.ceil(glass.width / 8) + (this.#ssd.fromSource8 ? 1 : 0);
    const x = register('X_WINDOW');
    const y = register('Y_WINDOW');
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
    this.#clock = false;
    this.#chip.sleep({ keepsRam: (mode & SLEEP_WITHOUT_RAM) === 0 });
  }

  #activate(): void {
    const { lint, model, otpFast, ambientC } = this.#options;
    const [steps = 0] = this.#chip.register('UPDATE_CONTROL_2');
    const has = (bit: number): boolean => (steps & bit) !== 0;
    let beforeMs = 1;
    if (has(UPDATE.clockOn)) this.#clock = true;
    if (has(UPDATE.analogOn) && !this.#chip.highVoltage) {
      this.#chip.highVoltage = true;
      beforeMs += model.powerOnMs;
    }
    if (has(UPDATE.loadTemperature)) this.#temperatureC = ambientC();
    if (has(UPDATE.loadWaveform)) {
      this.#waveform = otpWaveform(model, { temperatureC: this.#temperatureC, mode2: has(UPDATE.mode2), otpFast });
      beforeMs += LOAD_MS;
    }
    const afterMs = has(UPDATE.analogOff) && this.#chip.highVoltage ? model.powerOffMs : 0;
    const end = (): void => {
      if (has(UPDATE.analogOff)) this.#chip.highVoltage = false;
      if (has(UPDATE.clockOff)) this.#clock = false;
    };
    if (!has(UPDATE.display)) this.#chip.begin('ACTIVATE', beforeMs + afterMs, end);
    else if (!this.#clock || !this.#chip.highVoltage) lint.report('refresh-without-power', `update ${hex(steps)}`);
    else if (this.#waveform === undefined) lint.report('refresh-without-waveform', `update ${hex(steps)}`);
    else this.#display(this.#waveform, { beforeMs, afterMs, end, mode2: has(UPDATE.mode2) });
  }

  #display(
    waveform: SsdWaveform,
    { beforeMs, afterMs, end, mode2 }: { beforeMs: number; afterMs: number; end: () => void; mode2: boolean },
  ): void {
    const { glass, border, lint } = this.#options;
    const { paths } = waveform;
    const { greyWhite } = this.#ssd;
    const mode = waveform.mode ?? (mode2 ? 'partial' : 'full');
    const [borderRegister = 0] = this.#chip.register('BORDER');
    const view = this.#view;
    const area = { firstColumn: view.firstColumn, columns: Math.ceil(glass.width / 8), rows: glass.height };
    const needsRed = mode === 'partial' || mode === 'grey';
    if (this.#ssd.fromSource8 && !sourcesAreSet(this.#chip.register('UPDATE_CONTROL_1'))) {
      lint.report('source-range-not-set', `${mode} refresh`);
    }
    if (borderIsFixed(borderRegister)) lint.report('border-unbalanced', `BORDER ${hex(borderRegister)}`);
    this.#chip.drive({
      name: 'ACTIVATE',
      mode,
      window: { x: 0, y: 0, width: glass.width, height: glass.height },
      waveformMs: waveform.durationMs,
      beforeMs,
      afterMs,
      // A waveform that is run by its own steps leaves no other ghosts than what they leave.
      flash: mode !== 'partial' || paths !== undefined,
      isKnown: this.#ram.isKnown('bw', area) && (!needsRed || this.#ram.isKnown('red', area)),
      base: mode === 'partial' ? planeOf('red', this.#ram, view) : undefined,
      border: ssdBorder(borderRegister, { mode, greyWhite, paths, shown: border.shown }),
      target: () =>
        paths === undefined
          ? targetOf(mode, this.#ram, view)
          : pathTarget(paths, this.#ram, { view, shownAt: (x, y) => glass.shownAt(x, y) }),
      ended: ({ progress, share }) => {
        const [, , , , , option = 0] = this.#chip.register('DISPLAY_OPTION');
        if (progress === 1 && mode === 'partial' && (option & PING_PONG) !== 0) this.#ram.swap();
        if (share === 1) end();
      },
    });
  }

  get #view(): RamView {
    const control1 = this.#chip.register('UPDATE_CONTROL_1');
    return {
      updateControl1: control1[0] ?? 0,
      firstColumn: firstColumn(control1, this.#ssd, this.#ram),
      greyWhite: this.#ssd.greyWhite,
    };
  }
}
