import type { Logger } from 'pino';
import type { Clock } from '../../hardware/index.js';
import type { Broker, Connected } from './broker.js';
import { deliveryPacket } from './delivery-packet.js';
import { type Answer, Answers } from './faults/answers.js';
import type { Faults } from './faults/faults.js';
import { type Admission, clampSessionExpiryS, welcome } from './handshake.js';
import { KeepAlive } from './keep-alive.js';
import type { Link } from './link.js';
import type { Delivery, Message } from './message.js';
import { operationOf } from './operation.js';
import type { ClientPacket, DisconnectPacket, PublishPacket, SubscribePacket, UnsubscribePacket } from './packets.js';
import { type Attendance, type DisconnectReason, disconnectReasonFor, type Presence } from './presence.js';
import { examinePublish } from './publish.js';
import { RateMeter, type Rates } from './rates.js';
import { REASON } from './reason-codes.js';
import type { Caller, ReservedTopics } from './reserved-topics.js';
import type { Session } from './session.js';
import { examineSubscribe } from './subscribe.js';
import { qosFor } from './subscriptions.js';
import type { Timers } from './timers.js';
import { TopicAliases } from './topic-aliases.js';

/** How an MQTT 5 client learns that it may not; MQTT 3.1.1 clients are always disconnected. */
export type OnDenied = 'disconnect' | 'reason-code';

interface ClientDeps {
  readonly broker: Broker;
  readonly services: ReservedTopics;
  readonly faults: Faults;
  readonly revoke: (certificateId: string) => void;
  readonly presence: Presence;
  readonly rates: () => Rates;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly onDenied: () => OnDenied;
  readonly log: Logger;
  readonly onEnd: () => void;
}

/** One client between CONNACK and the end of its connection. */
export class Client implements Connected, Caller {
  readonly admission: Admission;
  readonly #link: Link;
  readonly #deps: ClientDeps;
  readonly #session: Session;
  readonly #aliases = new TopicAliases();
  readonly #answers: Answers;
  #will: Message | undefined;
  readonly #publishes = new RateMeter();
  readonly #deliveries = new RateMeter();
  readonly #keepAlive: KeepAlive;
  readonly #attendance: Attendance;
  #ended = false;

  constructor(admission: Admission, link: Link, deps: ClientDeps) {
    this.admission = admission;
    this.#link = link;
    this.#deps = deps;
    this.#will = admission.will;
    this.#answers = new Answers({
      ...deps,
      clientId: admission.clientId,
      certificateId: admission.certificateId,
      deliver: (answer) => this.#deliverAnswer(answer),
    });
    link.protocolVersion = admission.protocolVersion;
    link.events = {
      onPacket: (packet) => this.#take(packet),
      onBroken: (reasonCode, why) => this.disconnect(reasonCode, why),
      onLost: () => this.#end('connection lost', 'CONNECTION_LOST'),
      onDrain: () => this.#session.pump(),
    };
    const { session, isPresent } = deps.broker.enter(this);
    this.#session = session;
    link.send(welcome(admission, isPresent));
    this.#keepAlive = new KeepAlive({
      ...deps,
      keepAliveS: admission.keepAliveS,
      onSilent: () => this.disconnect(REASON.keepAliveTimeout, 'nothing heard for one and a half keep-alive intervals'),
    });
    const { certificateId, clientId } = admission;
    deps.log.info({ clientId, certificateId }, 'client connected');
    this.#attendance = deps.presence.enter({ certificateId, clientId, ipAddress: link.remoteAddress });
    session.pump();
  }

  get clientId(): string {
    return this.admission.clientId;
  }

  get certificateId(): string {
    return this.admission.certificateId;
  }

  get window(): number {
    return this.admission.window;
  }

  get isBusy(): boolean {
    return this.#link.isBusy;
  }

  get subscriptions(): Session['subscriptions'] {
    return this.#session.subscriptions;
  }

  mayReceive(topic: string): boolean {
    return this.admission.authorizer.allows('Receive', topic);
  }

  write(delivery: Delivery, messageId: number | undefined): boolean {
    const { expiresAtMs = Number.POSITIVE_INFINITY, topic } = delivery.message;
    const { clock, log, rates } = this.#deps;
    const leftMs = expiresAtMs - clock.monotonic();
    if (leftMs <= 0) return false;
    if (!this.#deliveries.allows(rates().publishesPerS, clock.monotonic())) {
      log.info({ clientId: this.clientId, topic }, 'message above the rate discarded');
      return false;
    }
    const { maxPacketBytes, protocolVersion } = this.admission;
    return this.#link.send(deliveryPacket(delivery, { messageId, leftMs, protocolVersion }), maxPacketBytes);
  }

  reply(topic: string, payload: Buffer): void {
    this.#answers.send({ topic, payload, isUnasked: false });
  }

  answer(topic: string, payload: Buffer): void {
    this.#answers.send({ topic, payload, isUnasked: true });
  }

  #deliverAnswer({ topic, payload, isUnasked }: Answer): void {
    const qos = this.#ended ? undefined : (qosFor(this.#session, topic) ?? (isUnasked ? 1 : undefined));
    if (qos === undefined) {
      this.#deps.log.debug({ topic, clientId: this.clientId }, 'nobody waits for the answer');
      return;
    }
    const message: Message = { topic, payload, qos: 1, retain: false, properties: {} };
    this.#session.deliver({ message, qos, retain: false, onlyNow: true });
  }

  takeOver(): void {
    this.disconnect(REASON.takenOver, 'another connection uses this client id');
  }

  /** Ends the connection from our side; MQTT 3.1.1 has no packet to say why. The will is published. */
  disconnect(reasonCode: number, why: string): void {
    if (this.#ended) return;
    const { protocolVersion } = this.admission;
    this.#link.close(
      protocolVersion === 5 ? { cmd: 'disconnect', reasonCode, properties: { reasonString: why } } : undefined,
    );
    this.#end(why, disconnectReasonFor(reasonCode));
  }

  /** Ends nothing, but nothing gets through any more: the broker finds out by keep-alive, the client by itself. */
  freeze(): void {
    this.#link.freeze();
  }

  /** Ends the connection as a broken cable would. The will is published. */
  cut(): void {
    this.#link.cut();
    this.#end('cut', 'CONNECTION_LOST');
  }

  #take(packet: ClientPacket): void {
    this.#keepAlive.hear();
    switch (packet.cmd) {
      case 'publish':
        this.#takePublish(packet);
        break;
      case 'puback':
        this.#session.acknowledge(packet.messageId);
        break;
      case 'subscribe':
        this.#takeSubscribe(packet);
        break;
      case 'unsubscribe':
        this.#takeUnsubscribe(packet);
        break;
      case 'pingreq':
        this.#link.send({ cmd: 'pingresp' });
        break;
      case 'disconnect':
        this.#takeDisconnect(packet);
        break;
      case 'connect':
        this.disconnect(REASON.protocolError, 'a second CONNECT');
        break;
    }
  }

  #takePublish(packet: PublishPacket): void {
    const { messageId, payload, retain } = packet;
    const verdict = examinePublish(packet, this.#aliases, this.admission);
    if (verdict.kind !== 'accepted') {
      const { kind, reasonCode, why } = verdict;
      this.#deps.log.info({ clientId: this.clientId, reasonCode, why }, 'publish refused');
      if (!this.#staysAfter(kind, messageId)) this.disconnect(reasonCode, why);
      else this.#acknowledge(messageId, reasonCode);
      return;
    }
    if (!this.#publishes.allows(this.#deps.rates().publishesPerS, this.#deps.clock.monotonic())) {
      this.#deps.log.info({ clientId: this.clientId }, 'publish above the rate discarded');
      if (this.admission.protocolVersion === 5) this.#acknowledge(messageId, REASON.quotaExceeded);
      return;
    }
    const { topic, qos } = verdict;
    const { broker } = this.#deps;
    const { clientId, certificateId } = this;
    const occasion = { operation: operationOf(topic), topic, clientId, certificateId };
    const fault = this.#deps.faults.strike(['half-open', 'certificate-revoked'], occasion);
    if (fault !== undefined) {
      if (fault.kind === 'half-open') this.freeze();
      else this.#deps.revoke(this.certificateId);
      return;
    }
    if (messageId !== undefined && this.#deps.faults.strike(['puback-lost'], occasion) === undefined) {
      this.#acknowledge(messageId, REASON.success);
    }
    if (topic.startsWith('$')) {
      broker.show({ topic, payload, qos, retain, properties: {}, from: clientId });
      const isTaken = this.#deps.services.take({ topic, payload, caller: this });
      if (!isTaken) this.#deps.log.debug({ topic, clientId: this.clientId }, 'no service on this reserved topic');
      return;
    }
    const { messageExpiryInterval: expiryS, topicAlias: _, ...properties } = packet.properties ?? {};
    const expiresAtMs = expiryS === undefined ? undefined : this.#deps.clock.monotonic() + expiryS * 1000;
    broker.publish({ topic, payload, qos, retain, properties, expiresAtMs, from: clientId });
  }

  /** MQTT 3.1.1 has no answer that could carry a reason, and QoS 0 has none at all. */
  #staysAfter(kind: 'end' | 'refused' | 'denied', messageId: number | undefined): boolean {
    if (kind === 'end' || this.admission.protocolVersion === 4) return false;
    return kind === 'denied' ? this.#deps.onDenied() === 'reason-code' : messageId !== undefined;
  }

  #takeSubscribe(packet: SubscribePacket): void {
    const { admission } = this;
    const { broker, onDenied } = this.#deps;
    const isDeniedByCode = admission.protocolVersion === 5 && onDenied() === 'reason-code';
    const verdict = examineSubscribe(packet, this.subscriptions, admission, isDeniedByCode);
    if (!verdict.ok) {
      this.disconnect(verdict.reasonCode, verdict.why);
      return;
    }
    const retained = verdict.filters.flatMap(({ subscription, retainHandling }) => {
      if (subscription === undefined) return [];
      const isNew = broker.subscribe(this.#session, subscription);
      return retainHandling === 0 || (retainHandling === 1 && isNew) ? [subscription] : [];
    });
    const granted = verdict.filters.map(({ code }) => code);
    this.#link.send({ cmd: 'suback', messageId: packet.messageId, granted });
    const topics = verdict.filters.flatMap(({ subscription }) => subscription?.filter ?? []);
    if (topics.length > 0) this.#attendance.subscribed(topics);
    for (const subscription of retained) broker.sendRetained(this.#session, subscription);
  }

  #takeUnsubscribe({ messageId, unsubscriptions }: UnsubscribePacket): void {
    const held = unsubscriptions.map((filter) => this.#deps.broker.unsubscribe(this.#session, filter));
    const granted = held.map((wasHeld) => (wasHeld ? REASON.success : REASON.noSubscriptionExisted));
    this.#link.send({ cmd: 'unsuback', messageId, granted });
    const topics = unsubscriptions.filter((_, index) => held[index]);
    if (topics.length > 0) this.#attendance.unsubscribed(topics);
  }

  #takeDisconnect({ reasonCode = REASON.success, properties }: DisconnectPacket): void {
    const expiryS = properties?.sessionExpiryInterval;
    if (expiryS !== undefined && expiryS > 0 && this.admission.expiryS === 0) {
      this.disconnect(REASON.protocolError, 'a session that ends with its connection cannot be prolonged');
      return;
    }
    if (expiryS !== undefined) this.#session.expiryS = clampSessionExpiryS(expiryS);
    if (reasonCode !== REASON.disconnectWithWill) this.#will = undefined;
    this.#link.close();
    this.#end('disconnected by the client', 'CLIENT_INITIATED_DISCONNECT');
  }

  #acknowledge(messageId: number | undefined, reasonCode: number): void {
    if (messageId !== undefined) this.#link.send({ cmd: 'puback', messageId, reasonCode });
  }

  #end(why: string, reason: DisconnectReason): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#keepAlive.stop();
    this.#deps.onEnd();
    this.#deps.log.info({ clientId: this.clientId, why }, 'client left');
    this.#deps.broker.leave(this, this.#session);
    this.#attendance.left(reason);
    if (this.#will !== undefined) this.#deps.broker.publish(this.#will);
  }
}
