import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { PUBLIC_API_PREFIX } from '../contract/index.js';
import { testEngines } from '../test/support/cloud-databases.js';
import { openPublicApi, type PublicApiWorld, type TestHome } from '../test/support/public-api.js';

describe.each(testEngines())('rules of the public API on $name', (engine) => {
  let world: PublicApiWorld;
  let home: TestHome;
  beforeAll(async () => {
    world = await openPublicApi(engine);
    home = await world.newHome();
  });
  afterAll(() => world.close());

  const call = (method: 'GET' | 'POST', path: string, headers: Record<string, string> = {}, payload?: object) =>
    world.app.inject({
      method,
      url: `${PUBLIC_API_PREFIX}${path}`,
      headers: { authorization: `Bearer ${home.token}`, ...headers },
      ...(payload && { payload }),
    });

  async function pushText() {
    const { analysis } = await home.client.push.manual(home.displayId, [{ type: 'text', text: 'x' }]);
    return { analysisId: analysis.id };
  }

  test.each([
    ['none', undefined],
    ['seven characters', 'a'.repeat(7)],
    ['a hundred and twenty-nine', 'a'.repeat(129)],
    ['one with a space', 'with a space'],
    ['one beyond ASCII', 'schlüssel'],
  ])('a creating call with %s for a key is refused', async (_what, key) => {
    const body = { title: null, assets: [{ type: 'text', text: 'x' }] };
    const answer = await call('POST', '/contents', key === undefined ? {} : { 'idempotency-key': key }, body);
    expect(answer.statusCode).toBe(400);
    expect(answer.json()).toMatchObject({ error: { code: 'invalid_request' } });
  });

  test('what is created is 201, what is begun 202, and all else 200', async () => {
    const key = { 'idempotency-key': 'key-of-statuses' };
    const content = await call('POST', '/contents', key, { title: null, assets: [{ type: 'text', text: 'x' }] });
    const contentIds = [content.json<{ content: { id: string } }>().content.id];
    const asked = {
      mode: 'ai',
      contentIds,
      context: 'submitted',
      scope: null,
      intent: null,
      title: null,
      target: null,
    };
    const analysis = await call('POST', '/analyses', key, asked);
    const advanced = await call('POST', `/displays/${home.displayId}/advance`);
    expect([content, analysis, advanced].map(({ statusCode }) => statusCode)).toEqual([201, 202, 200]);
    expect(
      (await call('POST', '/contents', key, { title: 'other', assets: [{ type: 'text', text: 'x' }] })).statusCode,
    ).toBe(409);
  });

  test('a page has twenty items unless it is told otherwise', async () => {
    const { client } = await world.newHome();
    await Promise.all(Array.from({ length: 21 }, () => client.contents.create([{ type: 'text', text: 'x' }])));
    const first = await client.contents.list();
    expect(first.items).toHaveLength(20);
    expect((await client.contents.list({ cursor: first.nextCursor ?? '' })).items).toHaveLength(1);
    expect((await client.contents.list({ limit: 50 })).items).toHaveLength(21);
  });

  test('the stream goes on after the event that was seen last, by query or by header, and always ends', async () => {
    const { analysisId } = await pushText();
    const stream = `/analyses/${analysisId}/events/stream`;
    const whole = await call('GET', stream);
    expect(whole.headers['content-type']).toMatch(/^text\/event-stream/);
    const seqs = (text: string) => [...text.matchAll(/^id: (\d+)$/gm)].map(([, seq]) => Number(seq));
    const [first = 0, ...rest] = seqs(whole.body);
    expect(seqs((await call('GET', `${stream}?after=${first}`)).body)).toEqual(rest);
    expect(seqs((await call('GET', stream, { 'last-event-id': String(first) })).body)).toEqual(rest);
    const none = await call('GET', `${stream}?after=999999`);
    expect(none.body).toBe('event: end\n\n');
  });

  test('an analysis by rule has no archive', async () => {
    const { analysisId } = await pushText();
    const answer = await call('GET', `/analyses/${analysisId}/archive`);
    expect(answer.statusCode).toBe(404);
    expect(answer.json()).toMatchObject({ error: { code: 'archive_not_found' } });
  });

  test('the queue is limited to the span that is asked for', async () => {
    await pushText();
    const all = await home.client.displays.queue(home.displayId);
    const createdAt = all.items[0]?.createdAt ?? '';
    expect((await home.client.displays.queue(home.displayId, { from: createdAt, to: createdAt })).items).toHaveLength(
      1,
    );
    expect((await home.client.displays.queue(home.displayId, { to: '2020-01-01T00:00:00.000Z' })).items).toEqual([]);
    expect((await home.client.displays.queue(home.displayId, { from: '2030-01-01T00:00:00.000Z' })).items).toEqual([]);
  });

  test('tickets are for assets that take an upload, and for one at least', async () => {
    const { content } = await home.client.contents.create([{ type: 'text', text: 'x' }]);
    for (const assetIndexes of [[], [0], [7], [-1]]) {
      const answer = await call('POST', `/contents/${content.id}/upload-tickets`, {}, { assetIndexes });
      expect(answer.statusCode).toBe(400);
    }
  });
});
