import type { Delivery, Qos } from './message.js';

/** Unacknowledged QoS 1 messages at a time. Source: AWS IoT Core quotas. */
export const MAX_IN_FLIGHT = 100;

const MAX_QUEUED_MESSAGES = 1_000;
const MAX_QUEUED_BYTES = 16 * 1024 * 1024;
const MAX_MESSAGE_ID = 0xffff;

export interface Subscription {
  /** As the client wrote it, with `$share/<group>/` if shared. */
  readonly filter: string;
  readonly qos: Qos;
  readonly noLocal: boolean;
  readonly retainAsPublished: boolean;
}

/** The connection of a session, as the session sees it. */
export interface Outlet {
  /** How many QoS 1 messages the client takes unacknowledged. */
  readonly window: number;
  readonly isBusy: boolean;
  mayReceive(topic: string): boolean;
  /** False if the message cannot go to this client now or ever. */
  write(delivery: Delivery, messageId: number | undefined): boolean;
}

/** What the broker remembers of a client: subscriptions, and QoS 1 messages until they are acknowledged. */
export class Session {
  readonly clientId: string;
  readonly subscriptions = new Map<string, Subscription>();
  /** How long the session outlives its connection. */
  expiryS = 0;
  #outlet: Outlet | undefined;
  #queue: Delivery[] = [];
  #queuedBytes = 0;
  readonly #inFlight = new Map<number, Delivery>();
  #lastMessageId = 0;

  constructor(clientId: string) {
    this.clientId = clientId;
  }

  get outlet(): Outlet | undefined {
    return this.#outlet;
  }

  /** False if the message is lost to this session: QoS 0 without a free connection, or a full queue. */
  deliver(delivery: Delivery): boolean {
    if (delivery.qos === 0) return this.#deliverOnce(delivery);
    if (this.#outlet === undefined && delivery.onlyNow) return false;
    const bytes = this.#queuedBytes + delivery.message.payload.length;
    if (this.#queue.length >= MAX_QUEUED_MESSAGES || bytes > MAX_QUEUED_BYTES) return false;
    this.#queue.push(delivery);
    this.#queuedBytes = bytes;
    this.pump();
    return true;
  }

  acknowledge(messageId: number): void {
    if (this.#inFlight.delete(messageId)) this.pump();
  }

  /** Sends what waits, as far as the window and the socket have room. */
  pump(): void {
    const outlet = this.#outlet;
    while (outlet !== undefined && outlet === this.#outlet && !outlet.isBusy && this.#inFlight.size < outlet.window) {
      const delivery = this.#queue.shift();
      if (delivery === undefined) return;
      this.#queuedBytes -= delivery.message.payload.length;
      if (!outlet.mayReceive(delivery.message.topic)) continue;
      const messageId = this.#nextMessageId();
      this.#inFlight.set(messageId, delivery);
      if (!outlet.write(delivery, messageId) && outlet === this.#outlet) this.#inFlight.delete(messageId);
    }
  }

  attach(outlet: Outlet): void {
    this.#outlet = outlet;
  }

  /** Takes the connection away; what was not acknowledged will be sent again, in order. */
  detach(): void {
    this.#outlet = undefined;
    this.#queue = [...this.#inFlight.values(), ...this.#queue].filter((delivery) => delivery.onlyNow !== true);
    this.#queuedBytes = this.#queue.reduce((sum, { message }) => sum + message.payload.length, 0);
    this.#inFlight.clear();
  }

  /** Gives the waiting messages of shared subscriptions away. */
  takeShared(): Delivery[] {
    const shared = this.#queue.filter(({ sharedBy }) => sharedBy !== undefined);
    this.#queue = this.#queue.filter(({ sharedBy }) => sharedBy === undefined);
    this.#queuedBytes = this.#queue.reduce((sum, { message }) => sum + message.payload.length, 0);
    return shared;
  }

  #deliverOnce(delivery: Delivery): boolean {
    const outlet = this.#outlet;
    if (outlet === undefined || outlet.isBusy || !outlet.mayReceive(delivery.message.topic)) return false;
    return outlet.write(delivery, undefined);
  }

  #nextMessageId(): number {
    do {
      this.#lastMessageId = (this.#lastMessageId % MAX_MESSAGE_ID) + 1;
    } while (this.#inFlight.has(this.#lastMessageId));
    return this.#lastMessageId;
  }
}
