import type { Faults } from './faults/faults.js';
import { operationOf } from './operation.js';

/** The connection that asks a service. */
export interface Caller {
  readonly clientId: string;
  readonly certificateId: string;
  /** Hands an answer to this connection alone, if it has subscribed to it. */
  reply(topic: string, payload: Buffer): void;
  /** The same, subscribed or not. */
  answer(topic: string, payload: Buffer): void;
}

/** A message to a service. */
export interface ServiceRequest {
  readonly topic: string;
  readonly payload: Buffer;
  readonly caller: Caller;
  /** Whether it is to be refused as one too many. */
  readonly isThrottled: boolean;
}

export interface Service {
  /** Takes a request if its topic is one of the service's own. */
  take(request: ServiceRequest): boolean;
}

/** The services behind topics that begin with `$`. */
export class ReservedTopics {
  readonly #services: readonly Service[];
  readonly #faults: Faults;

  constructor({ services, faults }: { services: readonly Service[]; faults: Faults }) {
    this.#services = services;
    this.#faults = faults;
  }

  /** False if there is no service on this topic. */
  take({ topic, payload, caller }: Omit<ServiceRequest, 'isThrottled'>): boolean {
    const operation = operationOf(topic);
    const { clientId, certificateId } = caller;
    const isThrottled =
      operation !== undefined &&
      this.#faults.strike(['throttled'], { operation, topic, clientId, certificateId }) !== undefined;
    return this.#services.some((service) => service.take({ topic, payload, caller, isThrottled }));
  }
}
