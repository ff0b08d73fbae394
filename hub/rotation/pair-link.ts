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
import { Signal } from '../signal.js';
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
/** How long a question waits for a connection that is being made. */
const CONNECT_LIMIT_MS = 20_000;
const STAY_BACK_OFF: BackOff = { baseMs: 1000, capMs: 60_000 };

/** The hub's link and the pair that it is on, as a rotation moves them together. */
export class PairLink implements RotatingLink {
  readonly link: CloudLink;
  readonly requests: ClaimRequests;
  readonly #deps: PairLinkDeps;
  readonly #stopping = new AbortController();
  readonly #connected = new Signal();
  #pair: HubIdentity;

  constructor(deps: PairLinkDeps) {
    this.#deps = deps;
    this.link = deps.link;
    this.#pair = deps.pair;
    this.requests = claimRequestsOn(this.#channel(), { template: ROTATION_TEMPLATE_NAME, clock: deps.clock });
    deps.link.onChange(({ connected }) => {
      if (connected) this.#connected.notify();
    });
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

  /** A hub that has just started goes on with its rotation before it is connected. */
  async #untilConnected(): Promise<void> {
    const { clock } = this.#deps;
    // The first notice may be of a connection that is over.
    for (let waits = 0; waits < 2 && !this.isConnected(); waits += 1) {
      await this.#connected.waitAtMost(CONNECT_LIMIT_MS, clock, this.#stopping.signal);
    }
  }

  /** The link as provisioning knows connections, with its errors. */
  #channel(): MqttChannel {
    const { link } = this;
    return {
      subscribe: async (filters, handler) => {
        await this.#untilConnected();
        return await link.subscribe(filters, handler).catch(rethrow);
      },
      publish: async (topic, payload) => await link.publish(topic, payload).catch(rethrow),
    };
  }
}

function rethrow(error: unknown): never {
  if (error instanceof HubError && error.cause instanceof ProvisioningError) throw error.cause;
  throw new ProvisioningError('link.lost', error instanceof Error ? error.message : String(error), { cause: error });
}
