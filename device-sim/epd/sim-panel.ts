import type { Clock, GpioLines, Level, PanelLine, PanelPort, SpiPort } from '../../hardware/index.js';
import { SimError } from '../errors.js';
import { BusFaults } from './bus-faults.js';
import type { Refresh } from './chip.js';
import { slownessAt } from './cold-glass.js';
import { FLOATING_BYTE } from './command-input.js';
import type { ControllerChip } from './controller-chip.js';
import { Glass } from './glass.js';
import { GlassBorder } from './glass-border.js';
import { Lint } from './lint.js';
import { makeChips } from './make-chips.js';
import { seededRandom } from './seeded-random.js';
import type { SimPanelOptions } from './sim-panel-options.js';
import { type SimPanelModel, simPanelModel } from './sim-panels.js';
import { type ChipsHeard, type Trace, TraceRecorder } from './trace.js';

/** spidev's default `bufsiz`. */
const SPIDEV_BUFFER_BYTES = 4_096;
/** BUSY answers about this late on real glass. */
const BUSY_ASSERT_MS = 1;
const ROOM_C = 22;

/** A panel on its connector: the wires, the chips behind them and the glass behind those. */
export class SimPanel implements PanelPort {
  readonly spi: SpiPort;
  readonly gpio: GpioLines;
  readonly clock: Clock;
  readonly faults = new BusFaults();
  readonly model: SimPanelModel;
  readonly #glass: Glass;
  readonly #border: GlassBorder;
  readonly lint: Lint;
  readonly #chips: readonly ControllerChip[];
  readonly #framing: 'cs' | 'dc';
  readonly #trace: TraceRecorder;
  readonly #refreshes: Refresh[] = [];
  readonly #spiHz: number;
  readonly #onRefresh: ((refresh: Refresh) => void) | undefined;
  readonly #levels: Map<PanelLine, Level>;
  readonly #stopped = new AbortController();
  /** Chip select fell, and the byte that comes next is a command. */
  #framed = false;
  #stuckBusy: Level | undefined;
  #supplied = true;
  #cutAtMs: number | undefined;
  #ambientC = ROOM_C;
  #watch: Promise<void> = Promise.resolve();

  constructor(options: SimPanelOptions) {
    const { clock, strictness = 'lint', random = seededRandom(1), maxTransferBytes = SPIDEV_BUFFER_BYTES } = options;
    const row = simPanelModel(options.panel ?? '7in5_V2');
    const { width = row.width, height = row.height } = options;
    this.model = { ...row, width, height };
    this.clock = clock;
    this.#trace = new TraceRecorder({ whole: options.wholeTrace ?? false });
    this.#onRefresh = options.onRefresh;
    this.#glass = new Glass({ width, height, random, inkCount: row.inks.length });
    this.lint = new Lint({ strictness, clock });
    this.#border = new GlassBorder({ random, inkCount: row.inks.length });
    this.#framing = row.chip === 'ac073-pair' ? (options.framing ?? 'cs') : 'dc';
    this.#chips = makeChips({
      model: this.model,
      glass: this.#glass,
      border: this.#border,
      clock,
      lint: this.lint,
      random,
      busyAssertMs: options.busyAssertMs ?? BUSY_ASSERT_MS,
      otpFast: options.otpFast ?? true,
      framing: this.#framing,
      ambientC: () => this.#ambientC,
      slowness: () => slownessAt(this.#ambientC),
      onRefresh: (refresh) => this.#ended(refresh),
    });
    // The bus selects a single chip by itself, of a pair nobody does.
    const selected = this.#chips.length === 1 ? 0 : 1;
    this.#levels = new Map<PanelLine, Level>([
      ['rst', 1],
      ['dc', 0],
      ['pwr', 1],
      ['cs-m', selected],
      ['cs-s', selected],
    ]);
    this.#spiHz = options.spiHz ?? 0;
    this.#checkSpeed(row.spiHz);
    this.spi = { maxTransferBytes, transfer: async (bytes) => this.#transfer(bytes, maxTransferBytes) };
    this.gpio = { set: async (line, level) => this.#set(line, level), get: async (line) => this.#get(line) };
  }

  /** The glass as it is at this moment. */
  get glass(): Glass {
    this.#passTime();
    return this.#glass;
  }

  /** The ring around the picture as it is at this moment. */
  get border(): GlassBorder {
    this.#passTime();
    return this.#border;
  }

  /** Every refresh that has ended, oldest first. */
  get refreshes(): readonly Refresh[] {
    this.#passTime();
    return this.#refreshes;
  }

  /** Milliseconds for which BUSY was held: the panel's own share of every waiting time. */
  get busyHeldMs(): number {
    this.#passTime();
    return Math.max(...this.#chips.map((chip) => chip.busyHeldMs));
  }

  /** What came over the wires, in the shape of the recorded vendor sequences. */
  get trace(): Trace {
    return this.#trace.steps;
  }

  /** Writes a pause of the driver into the trace: the wires do not tell of it. */
  noteWait(ms: number): void {
    this.#trace.wait(ms);
  }

  /** What a register of a chip holds, by its name in the datasheet; of a pair the master is 0 and the slave 1. */
  register(name: string, chip = 0): readonly number[] {
    return this.#chips[chip]?.register(name) ?? [];
  }

  /** Bytes that the chip puts on its data-out wire after a command, which no HAT connects and no driver may need. */
  async read(count: number): Promise<Uint8Array> {
    this.#passTime();
    const chip = this.#readable(count);
    return chip === undefined ? new Uint8Array(count).fill(FLOATING_BYTE) : chip.read(count);
  }

  /** Makes the room so cold or warm; in the cold the glass is slow. */
  setAmbient(temperatureC: number): void {
    this.#ambientC = temperatureC;
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
    const heard = this.#heard();
    if (heard.length === 0) return;
    this.#deliver(bytes, heard);
    if (this.#onRefresh !== undefined) this.#watchOver();
  }

  /** The chip that answers; undefined if nobody does, or two at once. */
  #readable(count: number): ControllerChip | undefined {
    const { lint, model } = this;
    const [chip, other] = this.#heard();
    this.#checkSpeed(model.readHz);
    const what = `a read of ${count} bytes`;
    if (!this.#powered || this.#levels.get('rst') === 0)
      lint.report('bytes-while-off', `${what}, no power or in reset`);
    else if (chip === undefined) lint.report('read-without-select', what);
    else if (other !== undefined) lint.report('read-of-two-chips', what);
    else if (this.#commandBytes(count) > 0) lint.report('read-as-command', what);
    else return chip;
    return undefined;
  }

  #checkSpeed(limitHz: number): void {
    if (this.#spiHz > limitHz) this.lint.report('spi-too-fast', `${this.#spiHz} Hz, limit ${limitHz}`);
  }

  /** The chips that are selected. */
  #heard(): readonly ControllerChip[] {
    if (this.#chips.length === 1) return this.#levels.get('cs-m') === 0 ? this.#chips : [];
    return this.#chips.filter((_, at) => this.#levels.get(at === 0 ? 'cs-m' : 'cs-s') === 0);
  }

  #deliver(bytes: Uint8Array, heard: readonly ControllerChip[]): void {
    const commandBytes = this.#commandBytes(bytes.length);
    this.#framed = false;
    for (const code of bytes.subarray(0, commandBytes)) this.#trace.command(code, this.#chipsHeard());
    if (commandBytes < bytes.length) this.#trace.data(bytes.subarray(commandBytes));
    if (!this.#powered || this.#levels.get('rst') === 0) {
      this.lint.report('bytes-while-off', `${bytes.length} bytes without power or in reset`);
      return;
    }
    let place = 0;
    this.faults.pass(bytes, heard, (arriving) => {
      const commands = arriving.subarray(0, Math.max(0, commandBytes - place));
      const data = arriving.subarray(commands.length);
      place += arriving.length;
      for (const chip of heard) {
        for (const code of commands) chip.command(code);
        if (data.length > 0) chip.data(data);
      }
    });
  }

  /** How many of the bytes are commands, which come first. */
  #commandBytes(length: number): number {
    if (this.#framing === 'cs') return this.#framed ? 1 : 0;
    return this.#levels.get('dc') === 1 ? 0 : length;
  }

  #chipsHeard(): ChipsHeard | undefined {
    if (this.#chips.length === 1) return undefined;
    if (this.#levels.get('cs-s') === 1) return 'M';
    return this.#levels.get('cs-m') === 1 ? 'S' : 'MS';
  }

  #set(line: Exclude<PanelLine, 'busy'>, level: Level): void {
    this.#passTime();
    const was = this.#levels.get(line);
    this.#levels.set(line, level);
    if (line === 'rst') {
      this.#trace.reset(level);
      if (was === 1 && level === 0 && this.#powered) for (const chip of this.#chips) chip.reset();
    }
    if (line === 'pwr' && was !== level) {
      this.#trace.power(level);
      if (level === 0) for (const chip of this.#chips) chip.losePower(this.clock.monotonic());
    }
    if ((line === 'cs-m' || line === 'cs-s') && was !== level) this.#selected(line, level);
  }

  #selected(line: 'cs-m' | 'cs-s', level: Level): void {
    if (level === 0) this.#framed = true;
    else this.#chips[line === 'cs-m' ? 0 : 1]?.deselect();
  }

  #get(line: PanelLine): Level {
    this.#passTime();
    if (line !== 'busy') return this.#levels.get(line) ?? 0;
    this.#trace.busy();
    if (this.#stuckBusy !== undefined) return this.#stuckBusy;
    if (!this.#powered) return 0;
    const { busyLevel } = this.model;
    if (this.#chips.some((chip) => chip.busy)) return busyLevel;
    return busyLevel === 1 ? 0 : 1;
  }

  #passTime(): void {
    const cutAtMs = this.#cutAtMs;
    if (this.#supplied && cutAtMs !== undefined && this.clock.monotonic() >= cutAtMs) {
      this.#supplied = false;
      for (const chip of this.#chips) chip.losePower(cutAtMs);
    }
    for (const chip of this.#chips) chip.settle();
  }

  #ended(refresh: Refresh): void {
    this.#refreshes.push(refresh);
    this.#onRefresh?.(refresh);
  }

  /** Without a listener the chip needs no alarm: it looks at the clock whenever somebody looks at it. */
  #watchOver(): void {
    const untilMs = Math.max(...this.#chips.map((chip) => chip.busyUntilMs ?? 0));
    if (untilMs === 0) return;
    const leftMs = untilMs - this.clock.monotonic();
    this.#watch = this.clock.sleep(leftMs, this.#stopped.signal).then(
      () => {
        this.#passTime();
        // One command may ask for several things in a row.
        this.#watchOver();
      },
      () => undefined,
    );
  }
}
