/** One step on the wires: an edge of reset or power, a command with its data, or a wait for BUSY. */
export type TraceStep =
  | { readonly rst: 0 | 1 }
  | { readonly pwr: 0 | 1 }
  | { readonly busy: 'wait idle' }
  | { readonly wait_ms: number }
  /** `c` and `d` in hex; of long data `d` is the beginning and `n` the length; `cs` says which chips of a pair heard it. */
  | { readonly c: string; readonly d: string; readonly n?: number; readonly cs?: ChipsHeard };

export type ChipsHeard = 'M' | 'S' | 'MS';

export type Trace = readonly TraceStep[];

/** Longer data is shown by how it begins, unless all of it is asked for. */
const SHOWN_WHOLE_BYTES = 256;
const SHOWN_BEGINNING_BYTES = 4;

const HEX = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0').toUpperCase());

type Command = {
  code: number;
  cs: ChipsHeard | undefined;
  kept: Uint8Array[];
  length: number;
  /** BUSY was looked at since the last byte: a wait, unless more data follows. */
  lookedAtBusy: boolean;
};

/** Writes down what comes over the wires, in the shape of the recorded vendor sequences. */
export class TraceRecorder {
  readonly #keptBytes: number;
  readonly #steps: TraceStep[] = [];
  #open: Command | undefined;
  /** Time that passed after a look at BUSY: part of the wait if another look follows. */
  #restMs = 0;

  /** With `whole` all data is kept, so that a replay shows the same picture. */
  constructor({ whole = false }: { whole?: boolean } = {}) {
    this.#keptBytes = whole ? Number.POSITIVE_INFINITY : SHOWN_WHOLE_BYTES;
  }

  get steps(): Trace {
    return this.#open === undefined ? [...this.#steps] : [...this.#steps, ...this.#shown(this.#open)];
  }

  command(code: number, cs?: ChipsHeard): void {
    this.#close();
    this.#open = { code, cs, kept: [], length: 0, lookedAtBusy: false };
  }

  data(bytes: Uint8Array): void {
    if (this.#open === undefined) return;
    if (this.#open.length < this.#keptBytes) this.#open.kept.push(Uint8Array.from(bytes));
    this.#open.length += bytes.length;
    this.#open.lookedAtBusy = false;
  }

  reset(level: 0 | 1): void {
    this.#close();
    this.#steps.push({ rst: level });
  }

  power(level: 0 | 1): void {
    this.#close();
    this.#steps.push({ pwr: level });
  }

  /** Looking at BUSY again and again is one wait. */
  busy(): void {
    if (this.#open !== undefined) {
      this.#open.lookedAtBusy = true;
      return;
    }
    const last = this.#steps.at(-1);
    if (last === undefined || !('busy' in last)) this.#steps.push({ busy: 'wait idle' });
    this.#restMs = 0;
  }

  /** The driver let time pass. */
  wait(ms: number): void {
    if (this.#open !== undefined) this.#close();
    const last = this.#steps.at(-1);
    if (last !== undefined && 'busy' in last) this.#restMs += ms;
    else this.#steps.push({ wait_ms: ms });
  }

  #close(): void {
    if (this.#open !== undefined) this.#steps.push(...this.#shown(this.#open));
    else if (this.#restMs > 0) this.#steps.push({ wait_ms: this.#restMs });
    this.#open = undefined;
    this.#restMs = 0;
  }

  #shown({ code, cs, kept, length, lookedAtBusy }: Command): TraceStep[] {
    const heard = cs === undefined ? {} : { cs };
    const c = hex(Uint8Array.of(code));
    const data = Buffer.concat(kept);
    const step =
      length <= this.#keptBytes
        ? { c, ...heard, d: hex(data) }
        : { c, ...heard, d: `${hex(data.subarray(0, SHOWN_BEGINNING_BYTES))} ..`, n: length };
    return lookedAtBusy ? [step, { busy: 'wait idle' }] : [step];
  }
}

function hex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => HEX[byte]).join(' ');
}
