import { gunzipSync } from 'node:zlib';
import { type SyncReply, SyncReplySchema, type SyncRequest, SyncRequestSchema } from '../../../contract/index.js';
import type { Told } from '../queue/history-writer.js';

type Deps = { hub: string; newId: () => string; note: (told: Told) => void };

/** The hub gives up half a minute after it has asked; here its patience ends with its other waits. */
const PATIENCE_MS = 1_500;
const ReplySchema = SyncReplySchema.pick({ gen: true, acks: true, epochState: true });

/** `fetch`, whose exchanges are noted: what is sent before it leaves, what came before anybody reads it. */
export function recordedFetch({ hub, newId, note }: Deps): typeof fetch {
  return async (input, init) => {
    const limit = AbortSignal.timeout(PATIENCE_MS);
    const signal = init?.signal ? AbortSignal.any([init.signal, limit]) : limit;
    const request = isSync(input) ? SyncRequestSchema.parse(JSON.parse(textOf(init?.body))) : undefined;
    const req = newId();
    if (request !== undefined) note(sent(request, { hub, req }));
    const response = await fetch(input, { ...init, signal });
    if (request === undefined || !response.ok) return response;
    const text = await response.text();
    const reply = ReplySchema.safeParse(JSON.parse(text));
    if (reply.success) note(got(reply.data, { hub, req, epoch: request.epoch }));
    return new Response(text, { status: response.status, headers: { 'content-type': 'application/json' } });
  };
}

function isSync(input: Parameters<typeof fetch>[0]): boolean {
  return String(input).endsWith('/v1/sync');
}

function textOf(body: unknown): string {
  return body instanceof Uint8Array ? gunzipSync(body).toString() : String(body);
}

function sent(request: SyncRequest, names: { hub: string; req: string }): Told {
  const { epoch, after, logs, gaps, downGen, downAcked } = request;
  return {
    step: 'send',
    ...names,
    epoch,
    after: { 0: after[0]?.seq, 1: after[1]?.seq, 2: after[2]?.seq, 3: after[3]?.seq },
    slices: logs.map(({ lane, first, events }) => ({ lane, from: first, to: first + events.length - 1 })),
    gaps: gaps.map(({ lane, from, to, reason }) => ({ lane, from, to, reason })),
    downGen,
    downAcked,
  };
}

function got(
  { gen, acks, epochState: state }: Pick<SyncReply, 'gen' | 'acks' | 'epochState'>,
  names: { hub: string; req: string; epoch: string },
): Told {
  return { step: 'reply.got', ...names, gen, acks, state };
}
