import { expect } from 'vitest';
import { z } from 'zod';
import { systemClock } from '../../hardware/index.js';
import { HubStatusSchema } from '../../hub/api/status.js';
import { test } from '../support/household.js';

const LIMIT_MS = 90_000;
const POLL_MS = 50;

const AcceptedSchema = z.object({ presentationId: z.string() });
const LocalSchema = z.object({ state: z.string() });
const SessionSchema = z.object({ accessToken: z.string() });
const HubsSchema = z.object({ items: z.array(z.object({ id: z.string() })) });
const EventsSchema = z.object({
  items: z.array(
    z.object({
      lane: z.number(),
      seq: z.number(),
      type: z.string(),
      body: z.looseObject({ presentationId: z.string().optional() }),
    }),
  ),
});

test('what was shown while the link was cut is in the cloud once and in order', { timeout: LIMIT_MS }, async ({
  household,
  displayId,
  signal,
}) => {
  const { cloudUrl, hubUrl, email, password } = household.address;
  const json = async <T>(schema: z.ZodType<T>, url: string, init: RequestInit = {}) =>
    schema.parse(
      await (
        await fetch(url, { ...init, headers: { 'content-type': 'application/json', ...init.headers }, signal })
      ).json(),
    );
  const until = async <T>(read: () => Promise<T>, done: (value: T) => boolean): Promise<T> => {
    for (;;) {
      const value = await read();
      if (done(value)) return value;
      await systemClock.sleep(POLL_MS, signal);
    }
  };
  const session = await json(SessionSchema, `${cloudUrl}/auth/log-in`, {
    method: 'POST',
    body: JSON.stringify({ email, password }),
  });
  const headers = { authorization: `Bearer ${session.accessToken}` };
  const [hub] = (await json(HubsSchema, `${cloudUrl}/api/v1/hubs`, { headers })).items;
  const events = async () =>
    (await json(EventsSchema, `${cloudUrl}/api/v1/hubs/${hub?.id}/events?limit=500`, { headers })).items;
  // What its beginning brought about has arrived.
  await until(
    () => json(HubStatusSchema, `${hubUrl}/api/status`),
    ({ sync }) => sync.queueDepth === 0,
  );
  const before = await events();

  household.cutLink();
  const shown: string[] = [];
  for (const text of ['The first without the cloud', 'The second without the cloud']) {
    const accepted = await json(AcceptedSchema, `${hubUrl}/api/displays/${displayId}/contents`, {
      method: 'POST',
      body: JSON.stringify({ text }),
    });
    await until(
      () => json(LocalSchema, `${hubUrl}/api/presentations/${accepted.presentationId}`),
      ({ state }) => state === 'confirmed',
    );
    shown.push(accepted.presentationId);
  }
  expect(await events()).toEqual(before);

  household.mendLink();
  const all = await until(events, (items) =>
    items.some(({ type, body }) => type === 'presentation.confirmed' && body.presentationId === shown[1]),
  );
  const lane0 = all.filter(({ lane }) => lane === 0).map(({ seq }) => seq);
  expect(lane0).toEqual(Array.from({ length: lane0.length }, (_, index) => (lane0[0] ?? 0) + index));
  const local = all.filter(({ body }) => body.presentationId !== undefined && shown.includes(body.presentationId));
  expect(local.map(({ type, body }) => [type, shown.indexOf(body.presentationId ?? '')])).toEqual([
    ['presentation.received', 0],
    ['presentation.confirmed', 0],
    ['presentation.received', 1],
    ['presentation.confirmed', 1],
  ]);
});
