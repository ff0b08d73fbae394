const TIME_DIGITS = 12;
const NUMBER_DIGITS = 8;
const NUMBERS = 16 ** NUMBER_DIGITS;
// Version, variant and the random bits before the last 32: `7xxx-8xxx-xxxx`.
const MIDDLE = { from: 14, to: 28 } as const;

/**
 * UUIDv7 for the events of one run: their wall time, random bits that the run keeps, and a number that counts on from
 * a random one, as RFC 9562, section 6.2, method 1 has it. A row keeps the number only.
 */
export class EventIds {
  /** What all ids of the run have between time and number. */
  readonly middle: string;
  #number: number;
  #wallMs = -1;
  #prefix = '';

  /** `seed` is a UUIDv7. */
  constructor(seed: string) {
    this.middle = seed.slice(MIDDLE.from, MIDDLE.to);
    this.#number = Number.parseInt(seed.slice(MIDDLE.to), 16);
  }

  next(wallMs: number): { id: string; number: number } {
    if (wallMs !== this.#wallMs) {
      const time = wallMs.toString(16).padStart(TIME_DIGITS, '0');
      this.#prefix = `${time.slice(0, NUMBER_DIGITS)}-${time.slice(NUMBER_DIGITS)}-${this.middle}`;
      this.#wallMs = wallMs;
    }
    this.#number = (this.#number + 1) % NUMBERS;
    return { id: this.#prefix + this.#number.toString(16).padStart(NUMBER_DIGITS, '0'), number: this.#number };
  }
}
