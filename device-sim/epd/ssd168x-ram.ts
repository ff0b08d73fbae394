import type { Answer, PlaneInput } from './command-input.js';
import type { Lint } from './lint.js';

const X_GROWS = 0x01;
const Y_GROWS = 0x02;
const Y_FIRST = 0x04;

type Plane = { bytes: Uint8Array; known: Uint8Array };

/** Both planes of an SSD168x and the address counters that they share. */
export class Ssd168xRam {
  readonly #columns: number;
  readonly #rows: number;
  readonly #lint: Lint;
  #planes: Record<'bw' | 'red', Plane>;
  /** Start and end of the window, columns in bytes; where data entry counts down, the start is the larger. */
  #x: [number, number] = [0, 0];
  #y: [number, number] = [0, 0];
  #entry = 0;
  #column = 0;
  #row = 0;

  constructor({ columns, rows, lint }: { columns: number; rows: number; lint: Lint }) {
    this.#columns = columns;
    this.#rows = rows;
    this.#lint = lint;
    const plane = (): Plane => ({ bytes: new Uint8Array(columns * rows), known: new Uint8Array(columns * rows) });
    this.#planes = { bw: plane(), red: plane() };
  }

  /** The first column of the window, in bytes. */
  get firstColumn(): number {
    return Math.min(...this.#x);
  }

  lose(random: () => number): void {
    for (const { bytes, known } of Object.values(this.#planes)) {
      for (let at = 0; at < bytes.length; at += 1) bytes[at] = Math.floor(random() * 256);
      known.fill(0);
    }
  }

  /** Takes over the registers that say where the next byte goes. */
  address(register: (name: string) => readonly number[]): void {
    const [xStart = 0, xEnd = 0] = register('X_WINDOW');
    const yWindow = register('Y_WINDOW');
    this.#x = [xStart, xEnd];
    this.#y = [word(yWindow, 0), word(yWindow, 2)];
    [this.#entry = 0] = register('DATA_ENTRY');
    this.setCounters(register);
  }

  setCounters(register: (name: string) => readonly number[]): void {
    [this.#column = 0] = register('X_COUNTER');
    this.#row = word(register('Y_COUNTER'), 0);
  }

  setWindow(register: (name: string) => readonly number[]): void {
    const [column, row] = [this.#column, this.#row];
    this.address(register);
    [this.#column, this.#row] = [column, row];
  }

  /** What is read from a plane from where the counters stand, after one byte that means nothing. */
  answer(name: 'bw' | 'red'): Answer {
    return (at) => {
      if (at === 0) {
        this.#checkCounters();
        return 0;
      }
      const byte = this.#planes[name].bytes[this.#row * this.#columns + this.#column] ?? 0;
      this.#step();
      return byte;
    };
  }

  /** Opens a plane where the counters stand. */
  open(name: 'bw' | 'red'): PlaneInput {
    const lint = this.#lint;
    this.#checkCounters();
    const size = (Math.abs(this.#x[1] - this.#x[0]) + 1) * (Math.abs(this.#y[1] - this.#y[0]) + 1);
    let written = 0;
    return {
      get missing() {
        return Math.max(0, size - written);
      },
      write: (bytes) => {
        for (const byte of bytes) this.#write(name, byte);
        if (written <= size && written + bytes.length > size) {
          lint.report('plane-too-long', `${name} got more than the ${size} bytes of its window, and begins again`);
        }
        written += bytes.length;
      },
      close: () => {
        if (written < size) lint.report('plane-too-short', `${name} lacks ${size - written} of ${size} bytes`);
      },
    };
  }

  /** What a mode 2 update does to the planes of a chip that plays ping-pong. */
  swap(): void {
    this.#planes = { bw: this.#planes.red, red: this.#planes.bw };
  }

  isKnown(name: 'bw' | 'red', area: { firstColumn: number; columns: number; rows: number }): boolean {
    const { known } = this.#planes[name];
    for (let row = 0; row < area.rows; row += 1) {
      const from = row * this.#columns + area.firstColumn;
      if (known.subarray(from, from + area.columns).includes(0)) return false;
    }
    return true;
  }

  bitAt(name: 'bw' | 'red', x: number, y: number): 0 | 1 {
    const byte = this.#planes[name].bytes[y * this.#columns + (x >> 3)] ?? 0;
    return (byte >> (7 - (x & 7))) & 1 ? 1 : 0;
  }

  #write(name: 'bw' | 'red', byte: number): void {
    const { bytes, known } = this.#planes[name];
    if (this.#column < this.#columns && this.#row < this.#rows) {
      const at = this.#row * this.#columns + this.#column;
      bytes[at] = byte;
      known[at] = 1;
    }
    this.#step();
  }

  #checkCounters(): void {
    if (within(this.#column, this.#x) && within(this.#row, this.#y)) return;
    this.#lint.report('counter-outside-window', `column ${this.#column}, row ${this.#row}`);
  }

  #step(): void {
    if ((this.#entry & Y_FIRST) === 0) {
      if (this.#stepX()) this.#stepY();
    } else if (this.#stepY()) this.#stepX();
  }

  /** Whether the counter came to its end and began again. */
  #stepX(): boolean {
    const [start, end] = this.#x;
    if (this.#column === end) {
      this.#column = start;
      return true;
    }
    this.#column += (this.#entry & X_GROWS) !== 0 ? 1 : -1;
    return false;
  }

  #stepY(): boolean {
    const [start, end] = this.#y;
    if (this.#row === end) {
      this.#row = start;
      return true;
    }
    this.#row += (this.#entry & Y_GROWS) !== 0 ? 1 : -1;
    return false;
  }
}

function within(value: number, [start, end]: readonly [number, number]): boolean {
  return value >= Math.min(start, end) && value <= Math.max(start, end);
}

/** Low byte first. */
export function word(bytes: readonly number[], at: number): number {
  return (bytes[at] ?? 0) | ((bytes[at + 1] ?? 0) << 8);
}
