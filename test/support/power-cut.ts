/** Thrown in place of all that would have come after the power went. */
export class PowerCut extends Error {}

/** Power that goes at the n-th doing of whoever hangs on it, and stays away. */
export class Power {
  readonly #off = new AbortController();
  #left: number;

  constructor(left: number) {
    this.#left = left;
  }

  /** Aborts when the power goes. */
  get signal(): AbortSignal {
    return this.#off.signal;
  }

  /** Now. */
  cut(): void {
    this.#left = 0;
    this.#off.abort(new PowerCut());
  }

  /** One doing. @throws PowerCut */
  use(): void {
    this.#left -= 1;
    if (this.#left <= 0) this.cut();
    this.#off.signal.throwIfAborted();
  }
}

/** The same object, each doing of which takes power before it begins and after it is done; all of it must be async. */
export function mortal<T extends object>(target: T, power: Power): T {
  return new Proxy(target, {
    get: (object, name) => {
      const member = Reflect.get(object, name);
      if (typeof member !== 'function') return member;
      return async (...args: unknown[]) => {
        power.use();
        const result: unknown = await Reflect.apply(member, object, args);
        power.use();
        // What a mortal gives out of itself is as mortal.
        return result === object ? mortal(object, power) : result;
      };
    },
  });
}
