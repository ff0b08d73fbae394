import type { ChipOptions } from './chip.js';
import { type Answer, hex, type PlaneInput } from './command-input.js';
import type { ChipFamily, ControllerChip } from './controller-chip.js';
import type { Region } from './glass.js';
import { RamPlane } from './ram-plane.js';
import { ucAnswer } from './uc8179-answers.js';
import { UC8179_COMMANDS, UC8179_DEFAULTS } from './uc8179-commands.js';
import { checkResolution, windowOf } from './uc8179-geometry.js';
import { waveformOf } from './uc8179-waveforms.js';
import { WindowInput } from './window-input.js';

const TEMPERATURE_MS = 5;
const DSLP_CHECK_CODE = 0xa5;
const AUTO_REFRESH = 0xa5;
const AUTO_REFRESH_AND_SLEEP = 0xa7;
/** DUSPI_EN and MM_EN: data on two lines, and another use of a pin. */
const DUSPI_OTHER_WIRES = 0x30;

/** Commands of which too little is published. */
const NOT_MODELLED: readonly string[] = ['TSR', 'KWOPT', 'AMV', 'VV', 'ROTP'];

/** What a UC8179 does with what it is told, with two inks or three. */
export class Uc8179Chip implements ChipFamily {
  readonly commands = UC8179_COMMANDS;
  readonly defaults = UC8179_DEFAULTS;
  readonly resetMs = 0;
  readonly hearsInReset = false;
  readonly busyAsleep = false;
  readonly framedByCs = false;
  readonly alwaysHeard = ['FLG'];
  readonly #options: ChipOptions;
  readonly #chip: ControllerChip;
  readonly #old: RamPlane;
  readonly #new: RamPlane;
  /** What came into each plane since the last refresh. */
  readonly #received = new Map<string, WindowInput>();
  #partial = false;
  #window: Region | undefined;

  constructor(options: ChipOptions, chip: ControllerChip) {
    this.#options = options;
    this.#chip = chip;
    this.#old = new RamPlane(options.glass);
    this.#new = new RamPlane(options.glass);
  }

  begin(name: string): PlaneInput | undefined {
    const { model, lint } = this.#options;
    if (name === 'DTM1' || name === 'DTM2') return this.#openPlane(name);
    if (name === 'PON') this.#start(name, model.powerOnMs, () => this.#setHighVoltage(true));
    else if (name === 'POF') this.#start(name, model.powerOffMs, () => this.#setHighVoltage(false));
    else if (name === 'DRF') this.#refresh({ name });
    else if (name === 'TSC') this.#start(name, TEMPERATURE_MS, () => undefined);
    else if (name === 'PTIN') this.#partial = true;
    else if (name === 'PTOUT') this.#partial = false;
    else if (NOT_MODELLED.includes(name)) lint.report('not-modelled', name);
    else if (name === 'PGM' || name === 'APG') lint.report('otp-programmed', name);
    return undefined;
  }

  take(name: string, values: readonly number[]): void {
    const [first = 0] = values;
    if (name === 'PTL') this.#window = windowOf(values, this.#options) ?? this.#window;
    if (name === 'TRES') checkResolution(values, this.#options);
    if (name === 'DSLP') this.#sleep(first);
    if (name === 'AUTO') this.#runAll(first);
    if (name === 'DUSPI' && (first & DUSPI_OTHER_WIRES) !== 0) {
      this.#options.lint.report('wrong-bus-mode', `DUSPI ${hex(first)}`);
    }
    // RST_N in PSR: a soft reset when it is 0.
    if (name === 'PSR' && (first & 0x01) === 0) this.#chip.forget();
  }

  answer(name: string): Answer | undefined {
    const planes = ['DTM1', 'DTM2'].map((plane) => this.#received.get(plane));
    return ucAnswer(name, {
      register: (of) => this.#chip.register(of),
      ambientC: this.#options.ambientC(),
      isBusy: this.#chip.busy,
      highVoltage: this.#chip.highVoltage,
      hasData: planes.every((plane) => plane?.missing === 0),
      partial: this.#partial,
    });
  }

  forget(): void {
    this.#partial = false;
    this.#window = undefined;
    this.#received.clear();
  }

  loseRam(): void {
    this.#old.lose(this.#options.random);
    this.#new.lose(this.#options.random);
  }

  #openPlane(name: 'DTM1' | 'DTM2'): PlaneInput {
    const plane = name === 'DTM1' ? this.#old : this.#new;
    const input = new WindowInput(plane, { window: this.#addressed(name), name, lint: this.#options.lint });
    this.#received.set(name, input);
    return input;
  }

  #sleep(checkCode: number): void {
    if (checkCode === DSLP_CHECK_CODE) this.#chip.sleep({ keepsRam: false });
    else this.#options.lint.report('wrong-check-code', `DSLP ${hex(checkCode)}`);
  }

  /** Power on, refresh and power off, and perhaps sleep, with BUSY held all the while. */
  #runAll(code: number): void {
    const { model, lint, busyAssertMs } = this.#options;
    if (code !== AUTO_REFRESH && code !== AUTO_REFRESH_AND_SLEEP) {
      lint.report('wrong-check-code', `AUTO ${hex(code)}`);
      return;
    }
    const switchOff = (share: number, fromMs: number): void => {
      if (share < 1) return;
      const end = (): void => {
        this.#setHighVoltage(false);
        if (code === AUTO_REFRESH_AND_SLEEP) this.#chip.sleep({ keepsRam: false });
      };
      this.#chip.begin('AUTO', model.powerOffMs, end, { fromMs });
    };
    const refresh = (share: number, fromMs: number): void => {
      this.#setHighVoltage(true);
      if (share < 1) return;
      const started = this.#refresh({ name: 'AUTO', fromMs, afterwards: switchOff });
      if (!started) switchOff(1, fromMs);
    };
    this.#chip.begin('AUTO', model.powerOnMs, refresh, { lateMs: busyAssertMs });
  }

  /** Whether one began; `afterwards` is told how much of it was done, and when it was over. */
  #refresh(job: { name: string; fromMs?: number; afterwards?: (share: number, atMs: number) => void }): boolean {
    const { model, otpFast, border, lint, glass, busyAssertMs } = this.#options;
    const waveform = waveformOf((of) => this.#chip.register(of), model, { otpFast, borderShown: border.shown });
    if (!this.#chip.highVoltage) lint.report('refresh-without-power', 'DRF before PON');
    else if (waveform === 'three-inks') lint.report('not-modelled', 'such inks (PSR) with this waveform or glass');
    else if (waveform === 'no-waveform') lint.report('refresh-without-waveform', 'REG in PSR, and no LUT was written');
    else {
      if (waveform.isUnknown) lint.report('unknown-waveform', 'LUTs from registers');
      const window = this.#addressed('DRF');
      const sight = { old: this.#old, next: this.#new, glass };
      this.#chip.drive({
        ...job,
        mode: waveform.mode,
        window,
        waveformMs: waveform.durationMs,
        flash: waveform.flash,
        isKnown: this.#old.isKnown(window) && this.#new.isKnown(window),
        base: waveform.base(sight),
        border: waveform.border,
        // Vendors pause before they look at BUSY after DRF.
        lateMs: job.fromMs === undefined ? busyAssertMs : 0,
        target: () => waveform.target(sight),
        ended: ({ share, atMs }) => {
          if (share === 1 && waveform.copiesNewToOld) this.#old.copyFrom(this.#new, window);
          this.#received.clear();
          job.afterwards?.(share, atMs);
        },
      });
      return true;
    }
    return false;
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

  #start(name: string, durationMs: number, end: () => void): void {
    // Vendors pause before they look at BUSY after PON, and look at once after POF.
    this.#chip.begin(name, durationMs, end, { lateMs: name === 'PON' ? this.#options.busyAssertMs : 0 });
  }

  #setHighVoltage(on: boolean): void {
    this.#chip.highVoltage = on;
  }
}
