/** How often something may happen before the stand-in says no; undefined: as often as one likes. */
export interface Rates {
  /** On one connection, each way. */
  readonly publishesPerS?: number | undefined;
  /** Of one client id. */
  readonly connectsPerS?: number | undefined;
}

/** Source: AWS IoT Core quotas, per connection and per client id. */
export const AWS_RATES: Rates = { publishesPerS: 100, connectsPerS: 1 };

/** Lets a number of things pass in a second, saved up for no longer than one. */
export class RateMeter {
  #left: number | undefined;
  #atMs = 0;

  /** Whether one more may pass now, on the monotonic clock. */
  allows(perS: number | undefined, nowMs: number): boolean {
    if (perS === undefined) return true;
    const saved = ((nowMs - this.#atMs) / 1000) * perS;
    const left = this.#left === undefined ? perS : Math.min(this.#left + saved, perS);
    this.#atMs = nowMs;
    this.#left = left < 1 ? left : left - 1;
    return left >= 1;
  }

  /** Whether it has nothing to remember. */
  isFresh(perS: number, nowMs: number): boolean {
    return (this.#left ?? perS) + ((nowMs - this.#atMs) / 1000) * perS >= perS;
  }
}

/** More client ids than this are looked through for those that need no longer be known. */
const MANY = 10_000;

/** How often each client id may connect. */
export class ConnectRates {
  readonly #meters = new Map<string, RateMeter>();

  allows(clientId: string, perS: number | undefined, nowMs: number): boolean {
    if (perS === undefined) return true;
    if (this.#meters.size >= MANY) {
      for (const [id, meter] of this.#meters) if (meter.isFresh(perS, nowMs)) this.#meters.delete(id);
    }
    const meter = this.#meters.get(clientId) ?? new RateMeter();
    this.#meters.set(clientId, meter);
    return meter.allows(perS, nowMs);
  }
}
