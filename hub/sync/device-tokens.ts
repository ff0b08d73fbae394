import { DEVICE_TOKEN_MAX_AGE_S } from '../../contract/index.js';
import type { Clock } from '../../hardware/index.js';
import { type HubIdentity, signDeviceToken } from '../../provisioning/index.js';

const RENEW_BEFORE_MS = 60_000;

/** The Date of an answer counts whole seconds, and an answer takes its time. */
const AGREED_WITHIN_MS = 5_000;

/** The hub's device token, signed anew shortly before it ends, and whenever the hub has another certificate. */
export class DeviceTokens {
  readonly #identity: () => HubIdentity;
  readonly #clock: Pick<Clock, 'now'>;
  /** The wall clock, in milliseconds, at which it ends. */
  #current: { token: string; certificateId: string; expiresMs: number } | undefined;

  /** How far the cloud's clock was ahead of this one when it refused a token; a hub's clock may be wrong for ever. */
  #aheadMs = 0;

  constructor(deps: { identity: () => HubIdentity; clock: Pick<Clock, 'now'> }) {
    this.#identity = deps.identity;
    this.#clock = deps.clock;
  }

  /** `cloudMs` is what the cloud's clock said when it refused the last one. */
  async get(renew: boolean, cloudMs?: number): Promise<string> {
    if (cloudMs !== undefined) {
      const aheadMs = cloudMs - this.#clock.now();
      this.#aheadMs = Math.abs(aheadMs) <= AGREED_WITHIN_MS ? 0 : aheadMs;
    }
    const identity = this.#identity();
    const current = this.#current;
    const isGood =
      current?.certificateId === identity.certificateId && current.expiresMs - this.#clock.now() >= RENEW_BEFORE_MS;
    if (isGood && !renew) return current.token;
    const expiresMs = this.#clock.now() + DEVICE_TOKEN_MAX_AGE_S * 1000;
    const token = await signDeviceToken(identity, { now: () => this.#clock.now() + this.#aheadMs });
    this.#current = { token, certificateId: identity.certificateId, expiresMs };
    return token;
  }
}
