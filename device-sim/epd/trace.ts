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

/** Longer data is shown by how it begins. */
const SHOWN_WHOLE_BYTES = 256;
const SHOWN_BEGINNING_BYTES = 4;

/** Writes down what comes over the wires, in the shape of the recorded vendor sequences. */
export class TraceRecorder {
  readonly #steps: TraceStep[] = [];
  #open: { code: number; head: number[]; length: number; cs: ChipsHeard | undefined } | undefined;

  get steps(): Trace {
    return this.#open === undefined ? [...this.#steps] : [...this.#steps, shown(this.#open)];
  }

  command(code: number, cs?: ChipsHeard): void {
    this.#close();
    this.#open = { code, head: [], length: 0, cs };
  }

  data(bytes: Uint8Array): void {
    if (this.#open === undefined) return;
    const room = SHOWN_WHOLE_BYTES + 1 - this.#open.head.length;
    if (room > 0) this.#open.head.push(...bytes.subarray(0, room));
    this.#open.length += bytes.length;
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
    this.#close();
    const last = this.#steps.at(-1);
    if (last === undefined || !('busy' in last)) this.#steps.push({ busy: 'wait idle' });
  }

  #close(): void {
    if (this.#open !== undefined) this.#steps.push(shown(this.#open));
    this.#open = undefined;
  }
}

function shown({
  code,
  head,
  length,
  cs,
}: {
  code: number;
  head: readonly number[];
  length: number;
  cs: ChipsHeard | undefined;
}): TraceStep {
  const heard = cs === undefined ? {} : { cs };
  const c = hex([code]);
  if (length <= SHOWN_WHOLE_BYTES) return { c, ...heard, d: hex(head) };
  return { c, ...heard, d: `${hex(head.slice(0, SHOWN_BEGINNING_BYTES))} ..`, n: length };
}

function hex(bytes: readonly number[]): string {
  return bytes.map((byte) => byte.toString(16).padStart(2, '0').toUpperCase()).join(' ');
}
