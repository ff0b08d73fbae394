import type { Logger } from 'pino';
import type { z } from 'zod';
import {
  HeartbeatSchema,
  MAX_PAYLOAD_BYTES,
  parseJson,
  parseUpTopic,
  RequestClaimSchema,
  StateSchema,
} from '../../contract/index.js';
import type { ClaimCodes } from '../binding/claim-codes.js';
import { isDataError } from '../database/data-error.js';
import type { Hubs } from '../device/hubs.js';
import type { Metrics } from '../metrics.js';

type UpParts = {
  hubs: Pick<Hubs, 'noteHeartbeat' | 'noteState'>;
  claimCodes: Pick<ClaimCodes, 'request'>;
  log: Logger;
  metrics: Pick<Metrics, 'count'>;
};

/**
 * Takes one message of a hub. Who sent it stands in the topic, which the broker's policy guards, and nowhere else.
 * What cannot be read is noted without its content and taken as done: it would come again for ever.
 * @throws whatever keeps a readable message from being stored
 */
export async function takeUpMessage(parts: UpParts, topic: string, payload: Buffer): Promise<void> {
  const { hubs, claimCodes } = parts;
  const parsed = parseUpTopic(topic);
  if (parsed === undefined) return notePoison(parts, topic, payload, 'an unknown topic');
  if (payload.length > MAX_PAYLOAD_BYTES) return notePoison(parts, topic, payload, 'too large');
  const { thingName } = parsed;
  const take = async <T>(schema: z.ZodType<T>, store: (message: T) => Promise<void>): Promise<void> => {
    const message = parseJson(schema, payload);
    if (!message.ok) return notePoison(parts, topic, payload, message.refusals);
    try {
      await store(message.value);
    } catch (error) {
      if (!isDataError(error)) throw error;
      notePoison(parts, topic, payload, 'the database takes no such value');
    }
  };
  parts.metrics.count('inklet_link_messages_total', { kind: parsed.kind });
  switch (parsed.kind) {
    case 'heartbeat':
      return take(HeartbeatSchema, (heartbeat) => hubs.noteHeartbeat(thingName, heartbeat));
    case 'state':
      return take(StateSchema, (state) => hubs.noteState(thingName, state));
    case 'request_claim':
      return take(RequestClaimSchema, ({ requestId }) => claimCodes.request(thingName, requestId));
  }
}

function notePoison({ log, metrics }: UpParts, topic: string, payload: Buffer, refusals: unknown): void {
  metrics.count('inklet_link_poison_total');
  log.warn({ topic, bytes: payload.length, refusals }, 'a message of a hub cannot be read');
}
