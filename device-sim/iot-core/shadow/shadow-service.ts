import type { Logger } from 'pino';
import type { Caller, Service, ServiceRequest } from '../reserved-topics.js';
import {
  readShadowQuery,
  readShadowUpdate,
  reject,
  type ShadowRejection,
  type ShadowUpdate,
} from './shadow-request.js';
import type { ShadowChange, ShadowId, Shadows } from './shadows.js';

const TOPIC =
  /^\$aws\/things\/(?<thingName>[a-zA-Z0-9:_-]{1,128})\/shadow(?:\/name\/(?<name>[a-zA-Z0-9:_-]{1,64}))?\/(?<verb>get|update|delete)$/;

/** More open requests than this on one connection are refused. Source: AWS IoT Device Shadow quotas. */
const MAX_IN_FLIGHT = 10;

type Outcome = ShadowRejection | { readonly ok: true };

interface ShadowServiceDeps {
  readonly shadows: Shadows;
  /** Hands a message to all who have subscribed, save one client that has it already. */
  readonly publish: (topic: string, body: object, exceptClientId?: string) => void;
  readonly nowS: () => number;
  readonly log: Logger;
}

/** The topics of device shadows, classic and named. */
export class ShadowService implements Service {
  readonly #deps: ShadowServiceDeps;
  readonly #inFlight = new Map<Caller, number>();

  constructor(deps: ShadowServiceDeps) {
    this.#deps = deps;
  }

  take({ topic, payload, caller, isThrottled }: ServiceRequest): boolean {
    const { thingName, name, verb } = TOPIC.exec(topic)?.groups ?? {};
    if (thingName === undefined) return false;
    const inFlight = this.#inFlight.get(caller) ?? 0;
    if (isThrottled || inFlight >= MAX_IN_FLIGHT) {
      this.#answer(topic, caller, reject(429, 'too many in flight'));
      return true;
    }
    this.#inFlight.set(caller, inFlight + 1);
    // On the next turn, so that what a client sends in one breath is in flight together.
    queueMicrotask(() => {
      this.#leave(caller);
      this.#answer(topic, caller, this.#outcome({ thingName, name }, verb, payload));
    });
    return true;
  }

  /** Changes a shadow for whoever is not a device, and tells those who listen. */
  update(id: ShadowId, update: ShadowUpdate, version?: number): ReturnType<Shadows['update']> {
    const outcome = this.#deps.shadows.update(id, update, version);
    if (outcome.ok) {
      this.#deps.publish(`${topicOf(id)}/update/accepted`, outcome.accepted);
      this.#tell(id, outcome, undefined);
    }
    return outcome;
  }

  #outcome(id: ShadowId, verb: string | undefined, payload: Buffer): Outcome {
    try {
      return verb === 'update' ? this.#update(id, payload) : this.#query(id, verb, payload);
    } catch (err) {
      this.#deps.log.error({ err, ...id }, 'shadow request failed');
      return reject(500, 'Internal service failure');
    }
  }

  #query(id: ShadowId, verb: string | undefined, payload: Buffer): Outcome {
    const asked = readShadowQuery(payload);
    if (!asked.ok) return asked;
    const { shadows } = this.#deps;
    return { ...(verb === 'get' ? shadows.get(id) : shadows.delete(id)), ...tokenOf(asked) };
  }

  #update(id: ShadowId, payload: Buffer): Outcome {
    const asked = readShadowUpdate(payload);
    if (!asked.ok) return asked;
    const outcome = this.#deps.shadows.update(id, asked.update, asked.version);
    if (!outcome.ok) return { ...outcome, ...tokenOf(asked) };
    // Told after the answer, as the device that asked hears it first.
    queueMicrotask(() => this.#tell(id, outcome, asked.clientToken));
    return { ok: true, ...outcome.accepted, ...tokenOf(asked) };
  }

  #tell(id: ShadowId, { delta, documents }: ShadowChange, clientToken: string | undefined): void {
    const { publish } = this.#deps;
    if (delta !== undefined) publish(`${topicOf(id)}/update/delta`, { ...delta, clientToken });
    publish(`${topicOf(id)}/update/documents`, { ...documents, clientToken });
  }

  #answer(topic: string, caller: Caller, { ok, ...body }: Outcome): void {
    const { log, nowS, publish } = this.#deps;
    const answerTopic = `${topic}/${ok ? 'accepted' : 'rejected'}`;
    const whole = { timestamp: nowS(), ...body };
    if (!ok) log.info({ topic, clientId: caller.clientId, ...body }, 'shadow request rejected');
    caller.reply(answerTopic, Buffer.from(JSON.stringify(whole)));
    publish(answerTopic, whole, caller.clientId);
  }

  #leave(caller: Caller): void {
    const left = (this.#inFlight.get(caller) ?? 1) - 1;
    if (left === 0) this.#inFlight.delete(caller);
    else this.#inFlight.set(caller, left);
  }
}

function topicOf({ thingName, name }: ShadowId): string {
  return `$aws/things/${thingName}/shadow${name === undefined ? '' : `/name/${name}`}`;
}

/** An absent token is absent in JSON too. */
function tokenOf({ clientToken }: { clientToken: string | undefined }): { clientToken: string | undefined } {
  return { clientToken };
}
