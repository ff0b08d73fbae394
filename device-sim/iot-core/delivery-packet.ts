import type { Delivery } from './message.js';
import type { ProtocolVersion, ServerPacket } from './packets.js';

/** A message as it goes to a client; `leftMs` is what is left of its life, infinite if nobody limited it. */
export function deliveryPacket(
  { message, qos, retain }: Delivery,
  {
    messageId,
    leftMs,
    protocolVersion,
  }: { messageId?: number | undefined; leftMs: number; protocolVersion: ProtocolVersion },
): ServerPacket {
  const { topic, payload, properties } = message;
  const packet: ServerPacket = { cmd: 'publish', topic, payload, qos, retain, dup: false };
  if (messageId !== undefined) packet.messageId = messageId;
  if (protocolVersion === 4) return packet;
  const messageExpiryInterval = Math.ceil(leftMs / 1000);
  packet.properties = Number.isFinite(leftMs) ? { ...properties, messageExpiryInterval } : properties;
  return packet;
}
