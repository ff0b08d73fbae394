import { gunzipSync } from 'node:zlib';
import { type SyncRequest, SyncRequestSchema } from '../../../contract/index.js';
import type { Told } from '../queue/history-writer.js';
import { answerIn, named } from './request-names.js';

type Deps = {
  hub: string;
  newId: () => string;
  note: (told: Told) => void;
  /** The last number of lane 0 when the last request was put together. */
  controlUpTo: () => number;
};

/** The hub gives up half a minute after it has asked; here its patience ends with its other waits. */
const PATIENCE_MS = 5_000;

/** `fetch`, whose exchanges are noted: what is sent before it leaves, what came before anybody reads it. */
export function recordedFetch({ hub, newId, note, controlUpTo }: Deps): typeof fetch {
  return async (input, init) => {
    const limit = AbortSignal.timeout(PATIENCE_MS);
    const signal = init?.signal ? AbortSignal.any([init.signal, limit]) : limit;
    if (!isSync(input)) return await fetch(input, { ...init, signal });
    const request = SyncRequestSchema.parse(JSON.parse(textOf(init?.body)));
    const names = { req: newId(), epoch: request.epoch };
    note(sent(request, { hub, ...names, control: controlUpTo() }));
    const response = await fetch(input, { ...init, signal, headers: named(init?.headers, names) });
    if (!response.ok) return response;
    const text = await response.text();
    const answer = answerIn(text);
    if (answer !== undefined) note({ step: 'reply.got', hub, ...names, ...answer });
    return new Response(text, { status: response.status, headers: { 'content-type': 'application/json' } });
  };
}

function isSync(input: Parameters<typeof fetch>[0]): boolean {
  return String(input).endsWith('/v1/sync');
}

function textOf(body: unknown): string {
  return body instanceof Uint8Array ? gunzipSync(body).toString() : String(body);
}

function sent(request: SyncRequest, names: { hub: string; req: string; epoch: string; control: number }): Told {
  const { after, logs, gaps, downGen, downAcked } = request;
  return {
    step: 'send',
    ...names,
    after: { 0: after[0]?.seq, 1: after[1]?.seq, 2: after[2]?.seq, 3: after[3]?.seq },
    slices: logs.map(({ lane, first, events }) => ({ lane, from: first, to: first + events.length - 1 })),
    gaps: gaps.map(({ lane, from, to, reason }) => ({ lane, from, to, reason })),
    downGen,
    downAcked,
  };
}
