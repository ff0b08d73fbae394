/** Keeps what was used last, up to a number of bytes. */
export class ByteCache<T> {
  readonly #mostBytes: number;
  readonly #bytesOf: (key: string, value: T) => number;
  /** The longest unused first. */
  readonly #values = new Map<string, T>();
  #bytes = 0;

  constructor(mostBytes: number, bytesOf: (key: string, value: T) => number) {
    this.#mostBytes = mostBytes;
    this.#bytesOf = bytesOf;
  }

  get bytes(): number {
    return this.#bytes;
  }

  get(key: string): T | undefined {
    const value = this.#values.get(key);
    if (value === undefined) return undefined;
    this.#values.delete(key);
    this.#values.set(key, value);
    return value;
  }

  /** A value that is larger than all the room is not kept. */
  set(key: string, value: T): void {
    this.#drop(key);
    const bytes = this.#bytesOf(key, value);
    if (bytes > this.#mostBytes) return;
    this.#values.set(key, value);
    this.#bytes += bytes;
    for (const oldest of this.#values.keys()) {
      if (this.#bytes <= this.#mostBytes) return;
      this.#drop(oldest);
    }
  }

  #drop(key: string): void {
    const value = this.#values.get(key);
    if (value === undefined) return;
    this.#bytes -= this.#bytesOf(key, value);
    this.#values.delete(key);
  }
}
