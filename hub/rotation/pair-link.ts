import { ROTATION_TEMPLATE_NAME } from '../../contract/index.js';
import type { Clock } from '../../hardware/index.js';
import {
  type ClaimRequests,
  claimRequestsOn,
  type HubIdentity,
  type Move,
  type MqttChannel,
  ProvisioningError,
  type RotatingLink,
} from '../../provisioning/index.js';
import { type BackOff, backOffMs } from '../back-off.js';
import type { CloudLink } from '../cloud-link/cloud-link.js';
import { HubError } from '../errors.js';
import { unlessAborted } from '../unless-aborted.js';

export type PairLinkDeps = {
  link: CloudLink;
  /** By which the link connects at first. */
  pair: HubIdentity;
  clock: Pick<Clock, 'sleep'>;
  random: () => number;
};

/** A new pair that has not connected by then does not work. */
const MOVE_LIMIT_MS = 60_000;
const STAY_BACK_OFF: BackOff = { baseMs: 1000, capMs: 60_000 };

/** The hub's link and the pair that it is on, as a rotation moves them together. */
export class PairLink implements RotatingLink {
  readonly link: CloudLink;
  readonly requests: ClaimRequests;
  readonly #deps: PairLinkDeps;
  readonly #stopping = new AbortController();
  #pair: HubIdentity;

  constructor(deps: PairLinkDeps) {
    this.#deps = deps;
    this.link = deps.link;
    this.#pair = deps.pair;
    this.requests = claimRequestsOn(channelOf(deps.link), { template: ROTATION_TEMPLATE_NAME, clock: deps.clock });
  }

  get pair(): HubIdentity {
    return this.#pair;
  }

  isConnected(): boolean {
    return this.link.state().connected;
  }

  async moveTo(pair: HubIdentity): Promise<Move> {
    if (this.#pair.certificateId === pair.certificateId && this.isConnected()) return { ok: true };
    const { certPem, keyPem } = pair;
    const swap = await unlessAborted(
      this.link.reconnectWith({ certPem, keyPem }, MOVE_LIMIT_MS),
      this.#stopping.signal,
    );
    if (swap.ok) this.#pair = pair;
    return swap;
  }

  async stayWith(pair: HubIdentity): Promise<void> {
    const { clock, random } = this.#deps;
    for (let failures = 1; this.#pair.certificateId !== pair.certificateId; failures += 1) {
      if ((await this.moveTo(pair)).ok) return;
      await clock.sleep(backOffMs(STAY_BACK_OFF, failures, random), this.#stopping.signal);
    }
  }

  async stop(): Promise<void> {
    this.#stopping.abort(new HubError('hub.stopping', 'the hub stops'));
    await this.link.stop();
  }
}

/** The link as provisioning knows connections, with its errors. */
function channelOf(link: CloudLink): MqttChannel {
  return {
    subscribe: async (filters, handler) => await link.subscribe(filters, handler).catch(rethrow),
    publish: async (topic, payload) => await link.publish(topic, payload).catch(rethrow),
  };
}

function rethrow(error: unknown): never {
  if (error instanceof HubError && error.cause instanceof ProvisioningError) throw error.cause;
  throw new ProvisioningError('link.lost', error instanceof Error ? error.message : String(error), { cause: error });
}
