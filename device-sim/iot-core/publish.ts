import { type Admission, MAX_PAYLOAD_BYTES } from './handshake.js';
import type { PublishPacket } from './packets.js';
import { REASON } from './reason-codes.js';
import type { TopicAliases } from './topic-aliases.js';
import { isTopicName } from './topics.js';

/** `end`: the connection must end. `refused`: told by PUBACK where there is one. `denied`: a policy does not let it. */
type PublishVerdict =
  | { readonly kind: 'accepted'; readonly topic: string; readonly qos: 0 | 1 }
  | { readonly kind: 'end' | 'refused' | 'denied'; readonly reasonCode: number; readonly why: string };

/** Decides on a PUBLISH; its only side effect is that a topic alias is learnt. */
export function examinePublish(
  packet: PublishPacket,
  aliases: TopicAliases,
  { authorizer }: Admission,
): PublishVerdict {
  const { payload, qos, retain } = packet;
  if (qos === 2) return { kind: 'end', reasonCode: REASON.qosNotSupported, why: 'QoS 2 is not supported' };
  const named = aliases.resolve(packet.topic, packet.properties?.topicAlias);
  if (!named.ok) return { kind: 'end', reasonCode: named.reasonCode, why: named.why };
  const { topic } = named;
  if (!isTopicName(topic) || (retain && topic.startsWith('$'))) {
    return { kind: 'refused', reasonCode: REASON.topicInvalid, why: 'no topic to publish to' };
  }
  if (payload.length > MAX_PAYLOAD_BYTES) {
    const why = `a payload of ${payload.length} bytes, limit ${MAX_PAYLOAD_BYTES}`;
    return { kind: 'refused', reasonCode: REASON.quotaExceeded, why };
  }
  if (!authorizer.allows('Publish', topic) || (retain && !authorizer.allows('RetainPublish', topic))) {
    return { kind: 'denied', reasonCode: REASON.notAuthorized, why: `not allowed to publish to ${topic}` };
  }
  return { kind: 'accepted', topic, qos };
}
