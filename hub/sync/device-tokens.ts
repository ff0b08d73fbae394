import type { Clock } from '../../hardware/index.js';

const RENEW_BEFORE_MS = 60_000;

/** A signed token and the wall clock, in milliseconds, at which it ends. */
export type SignedToken = { token: string; expiresMs: number };

/** The hub's device token, signed anew shortly before it ends. */
export class DeviceTokens {
  readonly #sign: () => Promise<SignedToken>;
  readonly #clock: Pick<Clock, 'now'>;
  #current: SignedToken | undefined;

  constructor(deps: { sign: () => Promise<SignedToken>; clock: Pick<Clock, 'now'> }) {
    this.#sign = deps.sign;
    this.#clock = deps.clock;
  }

  async get(renew: boolean): Promise<string> {
    const left = this.#current === undefined ? 0 : this.#current.expiresMs - this.#clock.now();
    if (renew || this.#current === undefined || left < RENEW_BEFORE_MS) this.#current = await this.#sign();
    return this.#current.token;
  }
}
