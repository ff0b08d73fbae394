import mqttPacket from 'mqtt-packet';
import { z } from 'zod';

const ByteSchema = z.number().int().min(0).max(0xff);
const UInt16Schema = z.number().int().min(0).max(0xffff);
const UInt32Schema = z.number().int().min(0).max(0xffff_ffff);
const MessageIdSchema = z.number().int().min(1).max(0xffff);
const QosSchema = z.union([z.literal(0), z.literal(1), z.literal(2)]);
const TextSchema = z.string().refine((text) => !text.includes('\0'), 'U+0000 is not allowed');
const UserPropertiesSchema = z.record(z.string(), z.union([z.string(), z.array(z.string())]));

/** The properties of a message that travel with it from publisher to subscriber. */
const ForwardedSchema = z.object({
  payloadFormatIndicator: z.boolean().optional(),
  messageExpiryInterval: UInt32Schema.optional(),
  responseTopic: TextSchema.optional(),
  correlationData: z.instanceof(Buffer).optional(),
  userProperties: UserPropertiesSchema.optional(),
  contentType: TextSchema.optional(),
});

const ConnectSchema = z.object({
  cmd: z.literal('connect'),
  protocolVersion: z.union([z.literal(3), z.literal(4), z.literal(5)]),
  clientId: TextSchema,
  clean: z.boolean(),
  keepalive: UInt16Schema,
  will: z
    .object({
      topic: TextSchema,
      payload: z.instanceof(Buffer),
      qos: QosSchema,
      retain: z.boolean(),
      properties: ForwardedSchema.optional(),
    })
    .optional(),
  properties: z
    .object({
      sessionExpiryInterval: UInt32Schema.optional(),
      receiveMaximum: z.number().int().min(1).max(0xffff).optional(),
      maximumPacketSize: z.number().int().min(1).max(0xffff_ffff).optional(),
      authenticationMethod: TextSchema.optional(),
    })
    .optional(),
});

const PublishSchema = z.object({
  cmd: z.literal('publish'),
  topic: TextSchema,
  payload: z.instanceof(Buffer),
  qos: QosSchema,
  retain: z.boolean(),
  messageId: MessageIdSchema.nullish().transform((id) => id ?? undefined),
  properties: ForwardedSchema.extend({ topicAlias: UInt16Schema.optional() }).optional(),
});

const SubscribeSchema = z.object({
  cmd: z.literal('subscribe'),
  messageId: MessageIdSchema,
  subscriptions: z
    .array(
      z.object({
        topic: TextSchema,
        qos: QosSchema,
        nl: z.boolean().default(false),
        rap: z.boolean().default(false),
        rh: z.number().int().default(0),
      }),
    )
    .min(1),
  properties: z.object({ subscriptionIdentifier: z.unknown().optional() }).optional(),
});

const UnsubscribeSchema = z.object({
  cmd: z.literal('unsubscribe'),
  messageId: MessageIdSchema,
  unsubscriptions: z.array(TextSchema).min(1),
});

const DisconnectSchema = z.object({
  cmd: z.literal('disconnect'),
  reasonCode: ByteSchema.optional(),
  properties: z.object({ sessionExpiryInterval: UInt32Schema.optional() }).optional(),
});

/** What a client may say; the parser's own word is not taken for the types of what it read. */
export const ClientPacketSchema = z.discriminatedUnion('cmd', [
  ConnectSchema,
  PublishSchema,
  z.object({ cmd: z.literal('puback'), messageId: MessageIdSchema }),
  SubscribeSchema,
  UnsubscribeSchema,
  z.object({ cmd: z.literal('pingreq') }),
  DisconnectSchema,
]);

export type ClientPacket = z.infer<typeof ClientPacketSchema>;
export type ConnectPacket = z.infer<typeof ConnectSchema>;
export type PublishPacket = z.infer<typeof PublishSchema>;
export type SubscribePacket = z.infer<typeof SubscribeSchema>;
export type UnsubscribePacket = z.infer<typeof UnsubscribeSchema>;
export type DisconnectPacket = z.infer<typeof DisconnectSchema>;
export type ForwardedProperties = z.infer<typeof ForwardedSchema>;
export type ProtocolVersion = 4 | 5;

/** What the broker says. */
export type ServerPacket = mqttPacket.Packet;

/** Throws what mqtt-packet throws when a packet cannot be written. */
export function encodePacket(packet: ServerPacket, protocolVersion: ProtocolVersion): Buffer {
  return mqttPacket.generate(packet, { protocolVersion });
}
