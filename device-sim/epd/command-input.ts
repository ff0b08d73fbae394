import type { Lint } from './lint.js';

/** A command of a chip: its name and how many bytes of data it takes, at least and at most. */
export interface ChipCommand {
  readonly name: string;
  readonly min: number;
  readonly max: number;
}

/** The bytes that can be read after a command, one by one from the first; undefined when there are no more. */
export type Answer = (at: number) => number | undefined;

/** What is read off a wire that nobody drives. */
export const FLOATING_BYTE = 0xff;

/** An answer that is a list of bytes. */
export function answerOf(bytes: readonly number[]): Answer {
  return (at) => bytes[at];
}

/** Where the data of a command goes that writes RAM. */
export interface PlaneInput {
  /** Bytes that it still takes. */
  readonly missing: number;
  write(bytes: Uint8Array): void;
  /** A rule that was broken, seen when the next command ends this one. */
  close(): void;
}

interface CommandInputOptions {
  readonly commands: Readonly<Record<number, ChipCommand>>;
  readonly defaults: Readonly<Record<string, readonly number[]>>;
  readonly lint: Lint;
  readonly chip: CommandTaker;
}

/** Who carries commands out. */
interface CommandTaker {
  begin(name: string): PlaneInput | undefined;
  take(name: string, values: readonly number[]): void;
  answer(name: string): Answer | undefined;
}

/** Commands and their data on the way into a chip, counted against its table. */
export class CommandInput {
  readonly #options: CommandInputOptions;
  readonly #registers = new Map<string, readonly number[]>();
  #command: ChipCommand | undefined;
  #arguments: number[] = [];
  #taken = 0;
  #plane: PlaneInput | undefined;
  #answer: Answer | undefined;
  #read = 0;
  #deaf = false;

  constructor(options: CommandInputOptions) {
    this.#options = options;
    this.reset();
  }

  register(name: string): readonly number[] {
    return this.#registers.get(name) ?? [];
  }

  nameOf(code: number): string | undefined {
    return this.#options.commands[code]?.name;
  }

  /** `heard` is false when the chip cannot listen: then its data is not heard either. */
  command(code: number, heard: boolean): void {
    this.#deaf = true;
    if (!heard) return;
    this.close();
    const command = this.#options.commands[code];
    if (command === undefined) {
      this.#options.lint.report('unknown-command', `command ${hex(code)}`);
      return;
    }
    this.#deaf = false;
    this.#command = command;
    this.#arguments = [];
    this.#taken = 0;
    this.#plane = this.#options.chip.begin(command.name);
    this.#answer = this.#options.chip.answer(command.name);
    this.#read = 0;
  }

  data(bytes: Uint8Array, heard: () => boolean): void {
    if (this.#deaf || !heard()) return;
    const command = this.#command;
    if (command === undefined) this.#options.lint.report('data-without-command', `${bytes.length} bytes`);
    else if (this.#plane !== undefined) this.#plane.write(bytes);
    else this.#takeArguments(command, bytes);
  }

  /** What the chip puts out for the command that is open, of which `heard` is told the name. */
  read(count: number, heard: (name: string | undefined) => boolean): Uint8Array {
    const bytes = new Uint8Array(count).fill(FLOATING_BYTE);
    if (this.#deaf || !heard(this.#command?.name)) return bytes;
    const { lint } = this.#options;
    if (this.#answer === undefined) {
      lint.report('read-of-write-only', this.#command?.name ?? 'a read before any command');
      return bytes;
    }
    for (let at = 0; at < count; at += 1, this.#read += 1) {
      const byte = this.#answer(this.#read);
      if (byte === undefined) {
        lint.report('read-too-long', `${this.#command?.name} has ${this.#read} bytes`);
        return bytes;
      }
      bytes[at] = byte;
    }
    return bytes;
  }

  /** Ends the command that is open. */
  close(): void {
    const command = this.#command;
    const plane = this.#plane;
    this.#command = undefined;
    this.#plane = undefined;
    this.#answer = undefined;
    plane?.close();
    if (command !== undefined && plane === undefined && this.#taken < command.min) this.#wrongCount(command);
  }

  /** Bytes that a command still takes that writes RAM. */
  get missing(): number {
    return this.#plane?.missing ?? 0;
  }

  /** Registers to their defaults; what was open is forgotten. */
  reset(): void {
    this.#registers.clear();
    for (const [name, values] of Object.entries(this.#options.defaults)) this.#registers.set(name, values);
    this.#command = undefined;
    this.#plane = undefined;
    this.#answer = undefined;
    this.#arguments = [];
    this.#taken = 0;
    this.#deaf = false;
  }

  #takeArguments(command: ChipCommand, bytes: Uint8Array): void {
    const wasTooMany = this.#taken > command.max;
    this.#taken += bytes.length;
    if (wasTooMany) return;
    if (this.#taken > command.max) {
      this.#wrongCount(command);
      return;
    }
    this.#arguments.push(...bytes);
    if (this.#taken >= command.min) {
      this.#registers.set(command.name, [...this.#arguments]);
      this.#options.chip.take(command.name, this.#arguments);
    }
  }

  #wrongCount({ name, min, max }: ChipCommand): void {
    const takes = min === max ? `${min}` : `${min} to ${max}`;
    this.#options.lint.report('wrong-parameter-count', `${name} got ${this.#taken} bytes, takes ${takes}`);
  }
}

export function hex(byte: number): string {
  return byte.toString(16).padStart(2, '0').toUpperCase();
}
