import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ProblemSchema, PUBLIC_API_PREFIX } from '../contract/index.js';
import { testEngines } from '../test/support/cloud-databases.js';
import { openPublicApi, type PublicApiWorld, type TestHome } from '../test/support/public-api.js';

const RUNS = 80;

/** Strings that have broken services before: U+0000, half a surrogate pair, the names of prototypes, very long ones. */
const nasty = fc.oneof(
  { weight: 3, arbitrary: fc.string({ unit: 'binary', minLength: 1, maxLength: 40 }) },
  {
    weight: 2,
    arbitrary: fc.constantFrom(
      '\0',
      'a\0b',
      '\ud800',
      '__proto__',
      'constructor',
      "'; drop table content; --",
      '%',
      '\u202e',
    ),
  },
  { weight: 1, arbitrary: fc.constantFrom('', 'a'.repeat(3000)) },
);

const anything = fc.anything({
  key: nasty,
  values: [nasty, fc.double(), fc.integer(), fc.boolean(), fc.constant(null)],
});

/** Mostly what the field takes, now and then something else. */
function mostly<T>(right: fc.Arbitrary<T>): fc.Arbitrary<unknown> {
  return fc.oneof({ weight: 20, arbitrary: right }, { weight: 1, arbitrary: anything });
}

function bodies(known: { displayId: string; contentId: string }): Record<string, fc.Arbitrary<unknown>> {
  const id = fc.oneof(
    fc.constantFrom(known.displayId, known.contentId, known.contentId.toUpperCase()),
    fc.uuid(),
    nasty,
  );
  const asset = fc.oneof(
    fc.record({ type: fc.constant('text'), text: mostly(nasty) }),
    fc.record({ type: fc.constant('link'), url: mostly(fc.oneof(fc.webUrl(), nasty)) }),
    fc.record({
      type: fc.constant('image'),
      filename: mostly(nasty),
      contentType: mostly(fc.constantFrom('image/png', 'image/svg+xml')),
      sizeBytes: mostly(fc.integer({ min: 1, max: 11_000_000 })),
    }),
  );
  const target = fc.oneof(
    { weight: 3, arbitrary: fc.constant(null) },
    { weight: 3, arbitrary: fc.record({ displayId: id }) },
    fc.record({ displayIds: fc.array(id, { maxLength: 4 }) }),
    fc.record({ output: anything }),
  );
  return {
    '/contents': fc.record({
      title: mostly(fc.option(nasty)),
      assets: mostly(fc.array(asset, { minLength: 1, maxLength: 3 })),
    }),
    '/analyses': fc.record({
      mode: mostly(fc.constantFrom('ai', 'direct')),
      contentIds: mostly(fc.array(id, { minLength: 1, maxLength: 2 })),
      context: mostly(fc.constant('submitted')),
      scope: mostly(fc.constant(null)),
      intent: mostly(fc.option(nasty)),
      title: mostly(fc.option(nasty)),
      target: mostly(target),
    }),
    [`/contents/${known.contentId}/upload-tickets`]: fc.record({
      assetIndexes: mostly(fc.array(fc.oneof(fc.integer(), fc.double()), { maxLength: 4 })),
    }),
    [`/displays/${known.displayId}/current`]: fc.record({ presentationId: mostly(id) }),
    [`/displays/${known.displayId}/advance`]: anything,
    [`/presentations/${known.contentId}/renditions`]: fc.record({
      viewport: mostly(fc.record({ width: fc.integer(), height: fc.integer() })),
      formats: mostly(fc.constant(['png'])),
    }),
  };
}

const QUERIES = [
  'cursor',
  'limit',
  'q',
  'state',
  'scope',
  'displayId',
  'contentId',
  'mode',
  'after',
  'from',
  'to',
  'format',
];
const CREATING = ['/contents', '/analyses'];
const LISTS = ['/displays', '/contents', '/analyses', '/presentations'];

describe.each(testEngines())('whatever is sent to the public API on $name', (engine) => {
  let world: PublicApiWorld;
  let home: TestHome;
  let known: { displayId: string; contentId: string };
  beforeAll(async () => {
    world = await openPublicApi(engine);
    home = await world.newHome();
    const { content } = await home.client.contents.create([{ type: 'text', text: 'known' }]);
    known = { displayId: home.displayId, contentId: content.id };
  });
  afterAll(async () => {
    await world.close();
  });

  async function send(method: 'GET' | 'POST', path: string, headers: Record<string, string>, payload?: string) {
    const url = `${PUBLIC_API_PREFIX}${path}`;
    const authorization = `Bearer ${home.token}`;
    const answer = await world.app.inject({
      method,
      url,
      headers: { authorization, ...headers },
      ...(payload && { payload }),
    });
    expect(answer.statusCode, answer.body).toBeLessThan(500);
    if (answer.statusCode >= 400) expect(ProblemSchema.safeParse(answer.json()).error).toBeUndefined();
  }

  test('a body is answered with what was asked for or with a refusal, never with a fault', async () => {
    const calls = Object.entries(bodies(known)).map(([path, body]) => ({
      weight: CREATING.includes(path) ? 4 : 1,
      arbitrary: body.map((sent) => ({ path, sent })),
    }));
    const key = fc.oneof({ weight: 20, arbitrary: fc.uuid() }, { weight: 1, arbitrary: fc.string({ maxLength: 140 }) });
    await fc.assert(
      fc.asyncProperty(fc.oneof(...calls), key, async ({ path, sent }, idempotencyKey) => {
        const payload = JSON.stringify(sent, (_name, value) => (typeof value === 'bigint' ? String(value) : value));
        const headers = { 'content-type': 'application/json', 'idempotency-key': idempotencyKey };
        await send('POST', path, headers, payload);
      }),
      { numRuns: RUNS },
    );
  });

  test('a query is answered with a page or with a refusal, never with a fault', async () => {
    const paths = [
      ...LISTS,
      ...[known.displayId, known.contentId].flatMap((id) => LISTS.map((list) => `${list}/${id}`)),
    ];
    const value = fc.oneof(
      nasty,
      fc.integer().map(String),
      fc.uuid(),
      fc.constantFrom('ready', 'queued', 'all', 'png'),
    );
    const query = fc.array(fc.tuple(fc.constantFrom(...QUERIES), value.filter(isWellFormed)), { maxLength: 3 });
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...paths), query, async (path, pairs) => {
        const search = pairs.map(([name, text]) => `${name}=${encodeURIComponent(text)}`).join('&');
        await send('GET', `${path}?${search}`, {});
      }),
      { numRuns: RUNS },
    );
  });

  test('an upload address that is not ours is refused, whatever it says', async () => {
    await fc.assert(
      fc.asyncProperty(fc.base64String({ maxLength: 90 }), async (token) => {
        const url = `/uploads/${encodeURIComponent(token)}`;
        const answer = await world.app.inject({
          method: 'POST',
          url,
          payload: 'x',
          headers: { 'content-type': 'text/plain' },
        });
        expect(answer.statusCode).toBeGreaterThanOrEqual(400);
        expect(answer.statusCode).toBeLessThan(500);
      }),
      { numRuns: RUNS },
    );
  });
});

function isWellFormed(text: string): boolean {
  return !/\p{Surrogate}/u.test(text);
}
