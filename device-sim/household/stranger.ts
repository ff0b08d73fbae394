import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import type { Clock } from '../../hardware/index.js';
import { SimError } from '../errors.js';
import { callBytes, callJson, callOnly } from './http.js';

/** A program that was written for the public API and knows nothing else of Inklet. */
export type Stranger = {
  displays(signal: AbortSignal): Promise<{ id: string; thingName: string }[]>;
  /** Sends a message to one display and resolves when its presentation has reached an end. */
  send(message: StrangersMessage, displayId: string, signal: AbortSignal): Promise<Sent>;
  /** The preview's bytes in one of the formats of the API. */
  preview(presentationId: string, format: 'png' | 'raw2' | 'raw4', signal: AbortSignal): Promise<Uint8Array>;
};

export type StrangersMessage = { text: string } | { imageFile: string };

export type Sent = {
  contentId: string;
  analysisId: string;
  presentationId: string;
  state: string;
  times: Record<string, string | null>;
  frameSha256: string | null;
  failure: { code: string; message: string } | null;
};

const POLL_MS = 25;
const CONFIRM_LIMIT_MS = 120_000;
const ENDS = ['confirmed', 'expired', 'failed'];

const FailureSchema = z.object({ code: z.string(), message: z.string() }).nullish();
const DisplaysSchema = z.object({ items: z.array(z.object({ id: z.string(), thingName: z.string() })) });
const TicketSchema = z.object({ url: z.url(), fields: z.record(z.string(), z.string()) });
const CreatedSchema = z.object({ content: z.object({ id: z.string() }), uploadTickets: z.array(TicketSchema) });
const AnalysisSchema = z.object({
  id: z.string(),
  state: z.string(),
  presentationIds: z.array(z.string()).nullish(),
  failure: FailureSchema,
});
const PresentationSchema = z.object({
  id: z.string(),
  state: z.string(),
  times: z.record(z.string(), z.string().nullable()),
  frameSha256: z.string().nullish(),
  failure: FailureSchema,
  image: z.object({ url: z.url() }).nullish(),
});

const TYPES: Record<string, string> = {
  '.png': 'image/png',
  '.jpg': 'image/jpeg',
  '.jpeg': 'image/jpeg',
  '.gif': 'image/gif',
  '.webp': 'image/webp',
  '.avif': 'image/avif',
  '.tif': 'image/tiff',
  '.tiff': 'image/tiff',
};

/** @throws SimError `household.refused`, `household.bad-image`, `household.not-confirmed`. */
export function stranger(cloudUrl: string, pat: string, clock: Clock): Stranger {
  const base = `${cloudUrl}/api/sdk/v1`;
  const get = <T>(route: string, schema: z.ZodType<T>, signal: AbortSignal) =>
    callJson({ method: 'GET', url: `${base}${route}`, token: pat }, schema, signal);
  const post = <T>(route: string, json: unknown, schema: z.ZodType<T>, signal: AbortSignal) => {
    const headers = { 'idempotency-key': randomUUID() };
    return callJson({ method: 'POST', url: `${base}${route}`, token: pat, json, headers }, schema, signal);
  };

  async function createContent(message: StrangersMessage, signal: AbortSignal): Promise<string> {
    if ('text' in message) {
      const body = { title: null, assets: [{ type: 'text', text: message.text }] };
      return (await post('/contents', body, CreatedSchema, signal)).content.id;
    }
    const picture = await readPicture(message.imageFile);
    const { bytes, filename, contentType } = picture;
    const asset = { type: 'image', filename, contentType, sizeBytes: bytes.byteLength };
    const created = await post('/contents', { title: null, assets: [asset] }, CreatedSchema, signal);
    for (const ticket of created.uploadTickets) {
      const form = new FormData();
      for (const [name, value] of Object.entries(ticket.fields)) form.append(name, value);
      form.append('file', new Blob([bytes], { type: contentType }), filename);
      await callOnly({ method: 'POST', url: ticket.url, form }, signal);
    }
    return created.content.id;
  }

  async function until<T>(read: () => Promise<T>, ended: (value: T) => boolean, signal: AbortSignal): Promise<T> {
    const start = clock.monotonic();
    for (;;) {
      const value = await read();
      if (ended(value)) return value;
      if (clock.monotonic() - start > CONFIRM_LIMIT_MS) {
        throw new SimError('household.not-confirmed', `nothing was proved in ${CONFIRM_LIMIT_MS} ms`);
      }
      await clock.sleep(POLL_MS, signal);
    }
  }

  return {
    displays: async (signal) => (await get('/displays', DisplaysSchema, signal)).items,

    async send(message, displayId, signal) {
      const contentId = await createContent(message, signal);
      const request = {
        mode: 'text' in message ? 'ai' : 'direct',
        contentIds: [contentId],
        context: 'submitted',
        scope: null,
        intent: null,
        title: null,
        target: { displayId },
      };
      const asked = await post('/analyses', request, AnalysisSchema, signal);
      const analysis = await until(
        () => get(`/analyses/${asked.id}`, AnalysisSchema, signal),
        ({ state }) => state === 'completed' || state === 'failed',
        signal,
      );
      const [presentationId] = analysis.presentationIds ?? [];
      if (presentationId === undefined) {
        const why = analysis.failure;
        throw new SimError('household.refused', `the analysis ${analysis.state}: ${why?.code} ${why?.message}`);
      }
      const presentation = await until(
        () => get(`/presentations/${presentationId}`, PresentationSchema, signal),
        ({ state }) => ENDS.includes(state),
        signal,
      );
      const { state, times, frameSha256, failure } = presentation;
      return {
        contentId,
        analysisId: analysis.id,
        presentationId,
        state,
        times,
        frameSha256: frameSha256 ?? null,
        failure: failure ?? null,
      };
    },

    async preview(presentationId, format, signal) {
      const presentation = await get(`/presentations/${presentationId}?format=${format}`, PresentationSchema, signal);
      if (!presentation.image) throw new SimError('household.refused', `presentation ${presentationId} has no image`);
      return callBytes({ method: 'GET', url: presentation.image.url }, signal);
    },
  };
}

/**
 * Sees before anything is started whether a message could be sent at all.
 * @throws SimError `household.bad-image`
 */
export async function checkMessage(message: StrangersMessage | undefined): Promise<void> {
  if (message !== undefined && 'imageFile' in message) await readPicture(message.imageFile);
}

async function readPicture(
  file: string,
): Promise<{ bytes: Uint8Array<ArrayBuffer>; filename: string; contentType: string }> {
  const contentType = TYPES[path.extname(file).toLowerCase()];
  if (contentType === undefined) {
    throw new SimError('household.bad-image', `${file} ends in none of ${Object.keys(TYPES).join(' ')}`);
  }
  try {
    return { bytes: new Uint8Array(await readFile(file)), filename: path.basename(file), contentType };
  } catch (cause) {
    throw new SimError('household.bad-image', `${file} cannot be read`, { cause });
  }
}
