import { z } from 'zod';
import { parseJson, type SyncReply, SyncReplySchema } from '../../../contract/index.js';

/** Of a header that no cloud reads: by it whoever stands between the two knows which request was answered. */
const HEADER = 'x-trial-request';
const NamesSchema = z.object({ req: z.string(), epoch: z.string() });
const ReplySchema = SyncReplySchema.pick({ gen: true, acks: true, epochState: true });

type Names = z.infer<typeof NamesSchema>;
type Answer = Pick<SyncReply, 'gen' | 'acks'> & { state: SyncReply['epochState'] };

export function named(headers: ConstructorParameters<typeof Headers>[0], names: Names): Headers {
  const all = new Headers(headers);
  all.set(HEADER, JSON.stringify(names));
  return all;
}

/** What a reply to a request of such a name says; undefined if it is none. */
export function replyOf(headers: Headers, body: Uint8Array): (Names & Answer) | undefined {
  const names = parseJson(NamesSchema, headers.get(HEADER) ?? '');
  const answer = answerIn(body);
  return names.ok && answer !== undefined ? { ...names.value, ...answer } : undefined;
}

/** What counts of a reply; undefined for what is none. */
export function answerIn(body: Uint8Array | string): Answer | undefined {
  const reply = parseJson(ReplySchema, body);
  return reply.ok ? { gen: reply.value.gen, acks: reply.value.acks, state: reply.value.epochState } : undefined;
}
