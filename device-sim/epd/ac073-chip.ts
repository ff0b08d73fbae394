import { AC073_COMMANDS, EL133_COMMANDS } from './ac073-commands.js';
import type { Chip, ChipOptions } from './chip.js';
import { ChipWork } from './chip-work.js';
import { CommandInput, hex, type PlaneInput } from './command-input.js';
import type { Region } from './glass.js';
import { RamPlane } from './ram-plane.js';
import type { RefreshRules } from './refresh-rules.js';
import type { ColourModel } from './sim-panels.js';
import { WindowInput } from './window-input.js';

const RESET_MS = 6;
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

/** One chip of colour glass, byte by byte. */
export class Ac073Chip implements Chip {
  readonly #options: ChipOptions;
  readonly #colour: ColourModel;
  readonly #role: Ac073Role;
  readonly #rules: RefreshRules;
  readonly #ram: RamPlane;
  readonly #work: ChipWork;
  readonly #input: CommandInput;
  #highVoltage = false;
  #asleep = false;
  #unlocked = false;
  #window: Region | undefined;

  constructor(options: ChipOptions, colour: ColourModel, role: Ac073Role, rules: RefreshRules) {
    this.#options = options;
    this.#colour = colour;
    this.#role = role;
    this.#rules = rules;
    this.#ram = new RamPlane(options.glass, 4);
    this.#work = new ChipWork(() => options.clock.monotonic());
    this.#input = new CommandInput({
      commands: role.inPair ? EL133_COMMANDS : AC073_COMMANDS,
      defaults: {},
      lint: options.lint,
      begin: (name) => this.#begin(name),
      take: (name, values) => this.#take(name, values),
    });
    this.#ram.lose(options.random);
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
    this.#input.command(code, this.#listens(`command ${hex(code)}`));
  }

  data(bytes: Uint8Array): void {
    this.#input.data(bytes, () => this.#listens(`${bytes.length} bytes of data`));
  }

  deselect(): void {
    if (!this.#role.framedByCs) return;
    if (this.#input.inPlane && this.#ram.missing > 0) {
      this.#options.lint.report('cs-raised-in-data', `${this.#ram.missing} bytes before the end of the plane`);
    }
    this.#input.close();
  }

  reset(): void {
    this.#work.abort();
    if (this.#highVoltage) this.#options.lint.report('reset-with-power', 'RST fell before POF');
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
    this.#rules.spoken(this.#highVoltage);
    const { lint } = this.#options;
    const doing = this.#work.name;
    if (this.#asleep) lint.report('bytes-while-off', `${what} in deep sleep`);
    else if (doing !== undefined) lint.report('bytes-while-busy', `${what} during ${doing}`);
    return !this.#asleep && doing === undefined;
  }

  #begin(name: string): PlaneInput | undefined {
    const { lint, model } = this.#options;
    if (name === 'DTM') return new WindowInput(this.#ram, { window: this.#addressed, name, lint });
    if (name === 'PON') this.#work.begin(name, model.powerOnMs, () => this.#setHighVoltage(true));
    return undefined;
  }

  /** Commands with data are carried out when it has come. */
  #take(name: string, values: readonly number[]): void {
    const { unlock } = this.#colour;
    if (name === unlock.name) this.#unlocked = unlock.bytes.every((byte, at) => byte === values[at]);
    else if (name === 'TRES') this.#checkResolution(values);
    else if (name === 'PTLW') this.#window = this.#windowOf(values);
    else if (name === 'POF') {
      this.#work.begin(name, this.#options.model.powerOffMs, () => this.#setHighVoltage(false));
    } else if (name === 'DRF') this.#refresh();
    else if (name === 'DSLP') this.#sleep(values[0] ?? 0);
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
    const { width, height } = this.#options.glass;
    return this.#window ?? { x: 0, y: 0, width, height };
  }

  #sleep(checkCode: number): void {
    const { lint, random } = this.#options;
    if (checkCode !== DSLP_CHECK_CODE) {
      lint.report('wrong-check-code', `DSLP ${hex(checkCode)}`);
      return;
    }
    if (this.#highVoltage) lint.report('sleep-without-power-off', 'DSLP before POF');
    this.#asleep = true;
    this.#highVoltage = false;
    this.#ram.lose(random);
  }

  /** Always the whole glass, which flashes for as long as it takes. */
  #refresh(): void {
    const { glass, lint, clock, model, slowness, onRefresh } = this.#options;
    if (!this.#highVoltage) {
      lint.report('refresh-without-power', 'DRF before PON');
      return;
    }
    if (!this.#unlocked) {
      lint.report('refresh-while-locked', `DRF without ${this.#colour.unlock.name}`);
      return;
    }
    const window = { x: 0, y: 0, width: glass.width, height: glass.height };
    if (!this.#ram.isKnown(window)) lint.report('refresh-of-unknown-ram', 'the refresh drives what nobody wrote');
    this.#rules.begin('full');
    const atMs = clock.now();
    const fromMs = clock.monotonic();
    const wholeMs = model.otpMs.full * slowness();
    const end = (share: number): void => {
      const durationMs = wholeMs * share;
      this.#rules.ended(fromMs + durationMs);
      glass.drive(window, (x, y) => this.#inkAt(x, y), { flash: true, progress: share });
      onRefresh?.({ atMs, mode: 'full', window, durationMs, share });
    };
    if (!this.#everyInkIsKnown()) lint.report('unknown-ink', 'a pixel has a value that is no ink of this glass');
    // Vendors look at BUSY at once.
    this.#work.begin('DRF', wholeMs, end);
  }

  #inkAt(x: number, y: number): number {
    return this.#colour.inkOf[this.#ram.nibbleAt(x, y)] ?? 0;
  }

  #everyInkIsKnown(): boolean {
    const { inkOf } = this.#colour;
    return this.#ram.bits.every((byte) => inkOf[byte >> 4] !== undefined && inkOf[byte & 0x0f] !== undefined);
  }

  #setHighVoltage(on: boolean): void {
    this.#highVoltage = on;
  }

  #resetRegisters(): void {
    this.#input.reset();
    this.#asleep = false;
    this.#highVoltage = false;
    this.#unlocked = false;
    this.#window = undefined;
  }
}

function word(bytes: readonly number[], at: number): number {
  return ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0);
}
