import { Authorizer } from './authorizer.js';
import type { Message } from './message.js';
import { MAX_PACKET_BYTES } from './packet-reader.js';
import type { ConnectPacket, ProtocolVersion, ServerPacket } from './packets.js';
import { REASON, returnCodeFor } from './reason-codes.js';
import type { Registry } from './registry.js';
import { MAX_IN_FLIGHT } from './session.js';
import { isTopicName } from './topics.js';

/** The longest payload, in bytes. Source: AWS IoT Core quotas. */
export const MAX_PAYLOAD_BYTES = 128 * 1024;

/** Topic aliases that a client may set. Source: AWS IoT Core quotas. */
export const MAX_TOPIC_ALIASES = 8;

const MAX_CLIENT_ID_BYTES = 128;
const MIN_KEEP_ALIVE_S = 30;
const MAX_KEEP_ALIVE_S = 1_200;

/** Persistent sessions live for an hour unless the account asks for more. Source: AWS IoT Core quotas. */
const MAX_SESSION_EXPIRY_S = 3_600;

/** A client that may come in, and on what terms. */
export interface Admission {
  readonly clientId: string;
  readonly isAssigned: boolean;
  readonly certificateId: string;
  readonly protocolVersion: ProtocolVersion;
  readonly keepAliveS: number;
  readonly isClean: boolean;
  readonly expiryS: number;
  readonly will: Message | undefined;
  readonly window: number;
  readonly maxPacketBytes: number;
  readonly authorizer: Authorizer;
}

interface Refusal {
  readonly ok: false;
  readonly reasonCode: number;
  readonly why: string;
}

interface HandshakeDeps {
  readonly registry: Registry;
  readonly newClientId: () => string;
}

/** Decides on a CONNECT, without side effects. */
export function examineConnect(
  packet: ConnectPacket,
  certificateId: string,
  { registry, newClientId }: HandshakeDeps,
): { ok: true; admission: Admission } | Refusal {
  const { protocolVersion, properties } = packet;
  if (protocolVersion === 3) return refuse(REASON.unspecified, 'MQTT 3.1 is not spoken here');
  if (properties?.authenticationMethod !== undefined) return refuse(REASON.unspecified, 'AUTH is not supported');
  const isAssigned = packet.clientId === '' && protocolVersion === 5;
  const clientId = isAssigned ? newClientId() : packet.clientId;
  if (!isClientId(clientId)) return refuse(REASON.clientIdInvalid, 'client id is empty, too long or begins with $');
  const status = registry.certificate(certificateId)?.status ?? 'unknown';
  if (status !== 'ACTIVE') return refuse(REASON.notAuthorized, `the certificate is ${status}`);
  const expiryS = sessionExpiryS(packet);
  const authorizer = new Authorizer(registry, {
    certificateId,
    clientId,
    connectAttributes: [
      ...(expiryS > 0 ? (['PersistentConnect'] as const) : []),
      ...(packet.will === undefined ? [] : (['LastWill'] as const)),
    ],
  });
  if (!authorizer.allows('Connect', clientId)) return refuse(REASON.notAuthorized, `not allowed as ${clientId}`);
  const will = examineWill(packet, clientId, authorizer);
  if (will !== undefined && 'ok' in will) return will;
  const admission: Admission = {
    clientId,
    isAssigned,
    certificateId,
    protocolVersion,
    keepAliveS: keepAliveS(packet.keepalive),
    isClean: packet.clean,
    expiryS,
    will,
    window: Math.min(properties?.receiveMaximum ?? MAX_IN_FLIGHT, MAX_IN_FLIGHT),
    maxPacketBytes: properties?.maximumPacketSize ?? Number.POSITIVE_INFINITY,
    authorizer,
  };
  return { ok: true, admission };
}

/** Turns an asked session expiry down to what the account allows. */
export function clampSessionExpiryS(askedS: number): number {
  return Math.min(askedS, MAX_SESSION_EXPIRY_S);
}

/** The CONNACK that lets a client in and tells it the limits. */
export function welcome(admission: Admission, sessionPresent: boolean): ServerPacket {
  if (admission.protocolVersion === 4) return { cmd: 'connack', sessionPresent, returnCode: 0 };
  return {
    cmd: 'connack',
    sessionPresent,
    reasonCode: REASON.success,
    properties: {
      sessionExpiryInterval: admission.expiryS,
      receiveMaximum: MAX_IN_FLIGHT,
      maximumQoS: 1,
      retainAvailable: true,
      maximumPacketSize: MAX_PACKET_BYTES,
      topicAliasMaximum: MAX_TOPIC_ALIASES,
      wildcardSubscriptionAvailable: true,
      subscriptionIdentifiersAvailable: false,
      sharedSubscriptionAvailable: true,
      serverKeepAlive: admission.keepAliveS,
      ...(admission.isAssigned ? { assignedClientIdentifier: admission.clientId } : {}),
    },
  };
}

/** The CONNACK that refuses; undefined where MQTT 3.1.1 has no word for the reason. */
export function refusalPacket(
  protocolVersion: ConnectPacket['protocolVersion'],
  { reasonCode, why }: Omit<Refusal, 'ok'>,
): ServerPacket | undefined {
  if (protocolVersion === 5) {
    return { cmd: 'connack', sessionPresent: false, reasonCode, properties: { reasonString: why } };
  }
  const returnCode = protocolVersion === 3 ? 1 : returnCodeFor(reasonCode);
  return returnCode === undefined ? undefined : { cmd: 'connack', sessionPresent: false, returnCode };
}

function examineWill(packet: ConnectPacket, clientId: string, authorizer: Authorizer): Message | Refusal | undefined {
  const { will } = packet;
  if (will === undefined) return undefined;
  const { topic, payload, qos, retain } = will;
  if (qos === 2) return refuse(REASON.qosNotSupported, 'QoS 2 is not supported');
  if (!isTopicName(topic) || (retain && topic.startsWith('$'))) {
    return refuse(REASON.topicInvalid, 'the topic of the will is not one');
  }
  if (payload.length > MAX_PAYLOAD_BYTES) {
    return refuse(REASON.quotaExceeded, `a will of ${payload.length} bytes, limit ${MAX_PAYLOAD_BYTES}`);
  }
  if (!authorizer.allows('Publish', topic) || (retain && !authorizer.allows('RetainPublish', topic))) {
    return refuse(REASON.notAuthorized, 'not allowed to publish the will');
  }
  const { messageExpiryInterval: _, ...properties } = will.properties ?? {};
  return { topic, payload, qos, retain, properties, from: clientId };
}

function isClientId(clientId: string): boolean {
  return clientId !== '' && Buffer.byteLength(clientId) <= MAX_CLIENT_ID_BYTES && !clientId.startsWith('$');
}

function sessionExpiryS(packet: ConnectPacket): number {
  if (packet.protocolVersion !== 5) return packet.clean ? 0 : MAX_SESSION_EXPIRY_S;
  return clampSessionExpiryS(packet.properties?.sessionExpiryInterval ?? 0);
}

/** Source: AWS IoT Core quotas, "Keep alive interval". */
function keepAliveS(askedS: number): number {
  if (askedS === 0) return MAX_KEEP_ALIVE_S;
  return Math.min(Math.max(askedS, MIN_KEEP_ALIVE_S), MAX_KEEP_ALIVE_S);
}

function refuse(reasonCode: number, why: string): Refusal {
  return { ok: false, reasonCode, why };
}
