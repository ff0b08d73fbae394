import { AC073_COMMANDS, EL133_COMMANDS } from './ac073-commands.js';
import type { BorderDrive, ChipOptions } from './chip.js';
import { type ChipCommand, hex, type PlaneInput } from './command-input.js';
import type { ChipFamily, ControllerChip } from './controller-chip.js';
import type { Region } from './glass.js';
import { RamPlane } from './ram-plane.js';
import type { ColourModel } from './sim-panels.js';
import { WindowInput } from './window-input.js';

const DSLP_CHECK_CODE = 0xa5;

/** What the pair differs in. */
export interface Ac073Role {
  /** The whole glass, of which this chip drives a part: what TRES is told. */
  readonly whole: { readonly width: number; readonly height: number };
  /** One of two on a bus, which are told more than a single one. */
  readonly inPair: boolean;
  /** Chip select frames commands: when it rises, what was open ends. */
  readonly framedByCs: boolean;
}

/** What a chip of colour glass does with what it is told. */
export class Ac073Chip implements ChipFamily {
  readonly commands: Readonly<Record<number, ChipCommand>>;
  readonly defaults = {};
  readonly resetMs = 6;
  readonly hearsInReset = false;
  readonly busyAsleep = false;
  readonly framedByCs: boolean;
  readonly alwaysHeard = [];
  readonly #options: ChipOptions;
  readonly #colour: ColourModel;
  readonly #role: Ac073Role;
  readonly #chip: ControllerChip;
  readonly #ram: RamPlane;
  #unlocked = false;
  #window: Region | undefined;

  constructor(options: ChipOptions, colour: ColourModel, role: Ac073Role, chip: ControllerChip) {
    this.commands = role.inPair ? EL133_COMMANDS : AC073_COMMANDS;
    this.framedByCs = role.framedByCs;
    this.#options = options;
    this.#colour = colour;
    this.#role = role;
    this.#chip = chip;
    this.#ram = new RamPlane(options.glass, 4);
  }

  begin(name: string): PlaneInput | undefined {
    const { lint, model } = this.#options;
    if (name === 'DTM') return new WindowInput(this.#ram, { window: this.#addressed, name, lint });
    if (name === 'PON') this.#chip.begin(name, model.powerOnMs, () => this.#setHighVoltage(true));
    return undefined;
  }

  /** Commands with data are carried out when it has come. */
  take(name: string, values: readonly number[]): void {
    const { unlock } = this.#colour;
    if (name === unlock.name) this.#unlocked = unlock.bytes.every((byte, at) => byte === values[at]);
    else if (name === 'TRES') this.#checkResolution(values);
    else if (name === 'PTLW') this.#window = this.#windowOf(values);
    else if (name === 'POF') {
      const { powerOffMs } = this.#options.model;
      this.#chip.begin(name, powerOffMs, () => this.#setHighVoltage(false));
    } else if (name === 'DRF') this.#refresh();
    else if (name === 'DSLP') this.#sleep(values[0] ?? 0);
  }

  /** Nobody has published that it can be read. */
  answer(): undefined {
    return undefined;
  }

  forget(): void {
    this.#unlocked = false;
    this.#window = undefined;
  }

  loseRam(): void {
    this.#ram.lose(this.#options.random);
  }

  #checkResolution(values: readonly number[]): void {
    const { whole } = this.#role;
    const [width, height] = this.#colour.resolution(whole.width, whole.height);
    const told = [word(values, 0), word(values, 2)];
    if (told[0] === width && told[1] === height) return;
    this.#options.lint.report('wrong-resolution', `TRES ${told.join(' x ')}, the glass wants ${width} x ${height}`);
  }

  /** The last row is told as one more than it is. Source: GxEPD2, GDEP073E01. */
  #windowOf(values: readonly number[]): Region | undefined {
    const { glass, lint } = this.#options;
    const [left, right, top, bottom] = [word(values, 0), word(values, 2), word(values, 4), word(values, 6)];
    const window = { x: left, y: top, width: right + 1 - left, height: bottom - top };
    if (left % 2 !== 0 || right % 2 !== 1) lint.report('window-not-aligned', `columns ${left} to ${right}`);
    else if (right < glass.width && bottom <= glass.height && window.width > 0 && window.height > 0) return window;
    else lint.report('window-outside', `columns ${left} to ${right}, rows ${top} to ${bottom}`);
    return undefined;
  }

  get #addressed(): Region {
    return this.#window ?? this.#whole;
  }

  get #whole(): Region {
    const { width, height } = this.#options.glass;
    return { x: 0, y: 0, width, height };
  }

  #sleep(checkCode: number): void {
    if (checkCode === DSLP_CHECK_CODE) this.#chip.sleep({ keepsRam: false });
    else this.#options.lint.report('wrong-check-code', `DSLP ${hex(checkCode)}`);
  }

  /** Always the whole glass, which flashes for as long as it takes. */
  #refresh(): void {
    const { lint, model } = this.#options;
    if (!this.#chip.highVoltage) {
      lint.report('refresh-without-power', 'DRF before PON');
      return;
    }
    if (!this.#unlocked) {
      lint.report('refresh-while-locked', `DRF without ${this.#colour.unlock.name}`);
      return;
    }
    if (!this.#everyInkIsKnown()) lint.report('unknown-ink', 'a pixel has a value that is no ink of this glass');
    this.#chip.drive({
      // Vendors look at BUSY at once, so that it is not late.
      name: 'DRF',
      mode: 'full',
      window: this.#whole,
      waveformMs: model.otpMs.full,
      flash: true,
      isKnown: this.#ram.isKnown(this.#whole),
      base: undefined,
      border: this.#border,
      target: () => (x, y) => this.#colour.inkOf[this.#ram.nibbleAt(x, y)] ?? 0,
      ended: () => undefined,
    });
  }

  /** The high bits of CDI are a value as of a pixel. What the ones without an ink do is not published. */
  get #border(): BorderDrive {
    const [cdi] = this.#chip.register('CDI');
    return cdi === undefined ? 'unpublished' : (this.#colour.inkOf[cdi >> 5] ?? 'unpublished');
  }

  #everyInkIsKnown(): boolean {
    const { inkOf } = this.#colour;
    return this.#ram.bits.every((byte) => inkOf[byte >> 4] !== undefined && inkOf[byte & 0x0f] !== undefined);
  }

  #setHighVoltage(on: boolean): void {
    this.#chip.highVoltage = on;
  }
}

function word(bytes: readonly number[], at: number): number {
  return ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0);
}
