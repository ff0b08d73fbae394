import type { Logger } from 'pino';
import type { Admission } from './handshake.js';
import { lowerQos, type Message } from './message.js';
import type { Outlet, Subscription } from './session.js';
import { Session } from './session.js';
import { Subscriptions } from './subscriptions.js';
import type { Timers } from './timers.js';

/** A connected client, as the broker sees it. */
export interface Connected extends Outlet {
  readonly admission: Admission;
  /** Ends the connection because another one came with the same client id; runs `Broker.leave` before it returns. */
  takeOver(): void;
}

interface Place {
  readonly session: Session;
  callOffExpiry: (() => void) | undefined;
}

/** Sessions, subscriptions and retained messages, and the way of a message between them. */
export class Broker {
  readonly #timers: Timers;
  readonly #log: Logger;
  readonly #subscriptions = new Subscriptions();
  readonly #places = new Map<string, Place>();
  readonly #clients = new Map<string, Connected>();
  readonly #retained = new Map<string, Message>();
  readonly #taps = new Set<(message: Message) => void>();

  #isStopped = false;

  constructor({ timers, log }: { timers: Timers; log: Logger }) {
    this.#timers = timers;
    this.#log = log;
  }

  /** Gives a client its session; an older connection with its id is ended first. */
  enter(client: Connected): { session: Session; isPresent: boolean } {
    const { clientId, isClean, expiryS } = client.admission;
    this.#clients.get(clientId)?.takeOver();
    const old = this.#places.get(clientId);
    old?.callOffExpiry?.();
    if (old !== undefined && isClean) this.#forget(old.session);
    const kept = isClean ? undefined : old;
    const session = kept?.session ?? new Session(clientId);
    session.expiryS = expiryS;
    session.attach(client);
    this.#places.set(clientId, { session, callOffExpiry: undefined });
    this.#clients.set(clientId, client);
    return { session, isPresent: kept !== undefined };
  }

  leave(client: Connected, session: Session): void {
    const { clientId } = client.admission;
    if (this.#clients.get(clientId) === client) this.#clients.delete(clientId);
    if (session.outlet !== client) return;
    session.detach();
    this.#handOn(session);
    const place = this.#places.get(clientId);
    if (session.expiryS === 0 || place === undefined) {
      this.#forget(session);
      return;
    }
    place.callOffExpiry = this.#timers.after(session.expiryS * 1000, () => this.#forget(session));
  }

  /** From here on nobody hears anything, wills neither. */
  stop(): void {
    this.#isStopped = true;
  }

  publish(message: Message): void {
    if (this.#isStopped) return;
    if (message.from !== undefined) this.show(message);
    if (message.retain) this.#keep(message);
    for (const { session, subscription, isShared } of this.#subscriptions.targets(message.topic, message.from)) {
      if (session.clientId === message.notTo) continue;
      this.#deliver(session, {
        message,
        qos: lowerQos(message.qos, subscription.qos),
        retain: message.retain && subscription.retainAsPublished,
        sharedBy: isShared ? subscription.filter : undefined,
      });
    }
  }

  /** Shows a message to those who tap, without carrying it anywhere. */
  show(message: Message): void {
    for (const tap of this.#taps) tap(message);
  }

  /** Returns whether the session had no such subscription before. */
  subscribe(session: Session, subscription: Subscription): boolean {
    const isNew = !session.subscriptions.has(subscription.filter);
    this.#subscriptions.add(session, subscription);
    return isNew;
  }

  /**
   * Hands out the retained message of exactly this name: wildcard and shared filters name no topic, and get none.
   * Source: AWS IoT developer guide, "MQTT retained messages".
   */
  sendRetained(session: Session, { filter, qos }: Subscription): void {
    const message = this.#retained.get(filter);
    if (message !== undefined) {
      this.#deliver(session, { message, qos: lowerQos(message.qos, qos), retain: true });
    }
  }

  unsubscribe(session: Session, filter: string): boolean {
    return this.#subscriptions.remove(session, filter);
  }

  /** Shows every message that a client publishes, requests to services too; the returned function ends it. */
  tap(listener: (message: Message) => void): () => void {
    this.#taps.add(listener);
    return () => this.#taps.delete(listener);
  }

  #deliver(session: Session, delivery: Parameters<Session['deliver']>[0]): void {
    if (!session.deliver(delivery)) {
      this.#log.debug({ clientId: session.clientId, topic: delivery.message.topic }, 'message not delivered');
    }
  }

  #keep(message: Message): void {
    if (message.payload.length === 0) this.#retained.delete(message.topic);
    else this.#retained.set(message.topic, message);
  }

  /** Gives what a member of a shared subscription did not acknowledge to the others; without others it keeps it. */
  #handOn(session: Session): void {
    for (const delivery of session.takeShared()) {
      const next = this.#subscriptions.nextMember(delivery.sharedBy ?? '', session);
      this.#deliver(next?.session ?? session, delivery);
    }
  }

  #forget(session: Session): void {
    this.#subscriptions.removeAll(session);
    if (this.#places.get(session.clientId)?.session === session) this.#places.delete(session.clientId);
  }
}
