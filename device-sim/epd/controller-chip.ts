import type { BorderDrive, ChipOptions } from './chip.js';
import { ChipWork, type WorkEnd } from './chip-work.js';
import { type Answer, type ChipCommand, CommandInput, hex, type PlaneInput } from './command-input.js';
import type { Drive, Region } from './glass.js';
import type { RefreshKind } from './refresh-kind.js';
import type { RefreshRules } from './refresh-rules.js';

/** What a family of chips does in its own way. */
export interface ChipFamily {
  readonly commands: Readonly<Record<number, ChipCommand>>;
  /** What the registers hold after a reset. */
  readonly defaults: Readonly<Record<string, readonly number[]>>;
  /** For how long a reset holds BUSY; 0 if it does not. */
  readonly resetMs: number;
  /** Bytes are heard, against advice, while a reset still holds BUSY. */
  readonly hearsInReset: boolean;
  /** Deep sleep holds BUSY: who waits for it before a reset waits for ever. */
  readonly busyAsleep: boolean;
  /** Chip select frames commands: when it rises, what was open ends. */
  readonly framedByCs: boolean;
  /** The commands that are heard whatever goes on. */
  readonly alwaysHeard: readonly string[];
  /** A command began; the plane that it opens, if it does. */
  begin(name: string): PlaneInput | undefined;
  /** Enough data came for a register. */
  take(name: string, values: readonly number[]): void;
  /** What can be read after a command; undefined of one that only takes. */
  answer(name: string): Answer | undefined;
  /** The registers are at their defaults, and so is what else a reset ends. */
  forget(): void;
  loseRam(): void;
}

/** A refresh, as a family of chips carries it out. */
export interface GlassJob {
  /** The command that asked for it. */
  readonly name: string;
  readonly mode: RefreshKind;
  readonly window: Region;
  /** How long the waveform takes in a room, and what the chip does before and after it. */
  readonly waveformMs: number;
  readonly beforeMs?: number;
  readonly afterMs?: number;
  /** Whether every pixel is moved there and back, which clears ghosts. */
  readonly flash: boolean;
  /** Whether the RAM that it reads was written; what nobody wrote is reported. */
  readonly isKnown: boolean;
  /** What RAM says that the glass shows, of a refresh that drives only what differs from it. */
  readonly base: Drive | undefined;
  readonly border: BorderDrive;
  readonly lateMs?: number;
  readonly fromMs?: number;
  /** Asked when it ends, since RAM may be written until then. */
  readonly target: () => Drive;
  /** Told how much of the waveform was done, and of the whole job, when it was over. */
  readonly ended: (how: { progress: number; share: number; atMs: number }) => void;
}

/** A controller chip on its wires. Time is looked at whenever it is spoken to. */
export class ControllerChip {
  readonly #options: ChipOptions;
  readonly #rules: RefreshRules;
  readonly #family: ChipFamily;
  readonly #work: ChipWork;
  readonly #input: CommandInput;
  highVoltage = false;
  #asleep = false;

  constructor(options: ChipOptions, rules: RefreshRules, family: (chip: ControllerChip) => ChipFamily) {
    this.#options = options;
    this.#rules = rules;
    this.#family = family(this);
    this.#work = new ChipWork(() => options.clock.monotonic());
    const { commands, defaults } = this.#family;
    this.#input = new CommandInput({ commands, defaults, lint: options.lint, chip: this.#family });
    this.forget();
    this.#family.loseRam();
  }

  /** Whether it holds its BUSY line at the level that means busy. */
  get busy(): boolean {
    this.settle();
    return this.#work.held || (this.#asleep && this.#family.busyAsleep);
  }

  /** When what goes on now will end, on the monotonic clock. */
  get busyUntilMs(): number | undefined {
    return this.#work.untilMs;
  }

  /** Milliseconds for which the BUSY line was held since the chip was made. */
  get busyHeldMs(): number {
    this.settle();
    return this.#work.heldMs;
  }

  /** What a register holds, by its name in the datasheet. */
  register(name: string): readonly number[] {
    return this.#input.register(name);
  }

  command(code: number): void {
    this.#input.command(code, this.#listens(`command ${hex(code)}`, this.#input.nameOf(code)));
  }

  data(bytes: Uint8Array): void {
    this.#input.data(bytes, () => this.#listens(`${bytes.length} bytes of data`, undefined));
  }

  /** The bytes that it puts out. */
  read(count: number): Uint8Array {
    return this.#input.read(count, (name) => this.#listens(`a read of ${count} bytes`, name));
  }

  /** Chip select rose. */
  deselect(): void {
    if (!this.#family.framedByCs) return;
    const { missing } = this.#input;
    if (missing > 0) this.#options.lint.report('cs-raised-in-data', `${missing} bytes before the end of the plane`);
    this.#input.close();
  }

  /** The falling edge of reset: ends what was going on, RAM stays. */
  reset(): void {
    this.#work.abort();
    if (this.highVoltage) this.#options.lint.report('reset-with-power', 'RST fell with the high voltage on');
    this.forget();
    const { resetMs } = this.#family;
    if (resetMs > 0) this.#work.begin('reset', resetMs, () => undefined);
  }

  /** The supply went away at a moment on the monotonic clock. */
  losePower(atMs: number): void {
    this.#work.abort(atMs);
    this.forget();
    this.#family.loseRam();
  }

  /** Finishes work whose time has come. */
  settle(): void {
    this.#work.settle();
  }

  begin(name: string, durationMs: number, end: WorkEnd, when?: { lateMs?: number; fromMs?: number }): void {
    this.#work.begin(name, durationMs, end, when);
  }

  /** Registers to their defaults; the high voltage is off, and nobody sleeps. */
  forget(): void {
    this.#input.reset();
    this.highVoltage = false;
    this.#asleep = false;
    this.#family.forget();
  }

  sleep({ keepsRam }: { keepsRam: boolean }): void {
    if (this.highVoltage) {
      this.#options.lint.report('sleep-without-power-off', 'deep sleep with the high voltage on');
    }
    this.highVoltage = false;
    this.#asleep = true;
    if (!keepsRam) this.#family.loseRam();
  }

  /** Drives the glass, and tells who wants to know when that has ended. */
  drive(job: GlassJob): void {
    const { glass, border, clock, slowness, lint, onRefresh } = this.#options;
    const { mode, window, flash, beforeMs = 0, afterMs = 0 } = job;
    if (job.isKnown) this.#checkBase(job);
    else lint.report('refresh-of-unknown-ram', `the ${mode} refresh drives what nobody wrote`);
    this.#rules.begin(mode);
    if (mode === 'partial' && typeof job.border === 'number') {
      lint.report('border-driven', 'a partial refresh that drives the border each time');
    }
    const { fromMs = clock.monotonic() } = job;
    const atMs = clock.now() - (clock.monotonic() - fromMs);
    const wholeMs = job.waveformMs * slowness();
    const allMs = beforeMs + wholeMs + afterMs;
    const end: WorkEnd = (share, endMs) => {
      const progress = share === 1 ? 1 : Math.max(0, Math.min(1, (share * allMs - beforeMs) / wholeMs));
      const durationMs = wholeMs * progress;
      this.#rules.ended(fromMs + beforeMs + durationMs);
      glass.drive(window, job.target(), { flash, progress });
      if (typeof job.border === 'number') border.drive(job.border, { flash, progress });
      else if (job.border === 'floats' && flash && progress === 1 && !border.isKnown) {
        lint.report('border-unknown', `the ${mode} refresh leaves the border as it is, which nobody ever drove`);
      }
      job.ended({ progress, share, atMs: endMs });
      onRefresh?.({ atMs, mode, window, durationMs, share: progress });
    };
    this.#work.begin(job.name, allMs, end, { lateMs: job.lateMs ?? 0, fromMs });
  }

  /** What differs from the base is driven, and only that: where the base is wrong, the old picture stays. */
  #checkBase({ base, window }: GlassJob): void {
    if (base === undefined) return;
    const { glass, lint } = this.#options;
    let wrong = 0;
    for (let y = window.y; y < window.y + window.height; y += 1) {
      for (let x = window.x; x < window.x + window.width; x += 1) {
        if (Math.round(glass.shownAt(x, y)) !== base(x, y)) wrong += 1;
      }
    }
    if (wrong > 0)
      lint.report('stale-base', `${wrong} pixels show something else than the plane that is compared with`);
  }

  #listens(what: string, name: string | undefined): boolean {
    this.settle();
    this.#rules.spoken(this.highVoltage);
    const { lint } = this.#options;
    const { hearsInReset, alwaysHeard } = this.#family;
    const doing = this.#work.name;
    const isAnswered = name !== undefined && alwaysHeard.includes(name);
    if (this.#asleep) lint.report('bytes-while-off', `${what} in deep sleep`);
    else if (doing === 'reset' && hearsInReset) lint.report('bytes-while-resetting', what);
    else if (doing !== undefined && !isAnswered) lint.report('bytes-while-busy', `${what} during ${doing}`);
    return !this.#asleep && (doing === undefined || isAnswered || (doing === 'reset' && hearsInReset));
  }
}
