const TIME_DIGITS = 12;
const SEAL_DIGITS = 8;
/** What 48 bits hold: a clock that is set to before 1970, or past the year 10,889, would break the form. */
const MOST_MS = 2 ** 48 - 1;
// Version, variant and the random bits before the last 32: `7xxx-8xxx-xxxx`.
const MIDDLE = { from: 14, to: 28 } as const;

/**
 * UUIDv7 for the events of one run: their wall time, random bits that the run keeps, and the seal of the event. RFC 9562,
 * section 5.7, leaves to whoever makes one what follows the time. A row keeps the seal only.
 */
export class EventIds {
  /** What all ids of the run have between time and seal. */
  readonly middle: string;
  #wallMs = Number.NaN;
  #prefix = '';

  /** `seed` is a UUIDv7. */
  constructor(seed: string) {
    this.middle = seed.slice(MIDDLE.from, MIDDLE.to);
  }

  of(wallMs: number, seal: number): string {
    if (wallMs !== this.#wallMs) {
      const time = Math.min(Math.max(0, wallMs), MOST_MS).toString(16).padStart(TIME_DIGITS, '0');
      this.#prefix = `${time.slice(0, SEAL_DIGITS)}-${time.slice(SEAL_DIGITS)}-${this.middle}`;
      this.#wallMs = wallMs;
    }
    return this.#prefix + seal.toString(16).padStart(SEAL_DIGITS, '0');
  }
}
