import type { InjectOptions } from 'fastify';
import { expect } from 'vitest';
import { ProblemSchema } from '../../contract/index.js';
import { aDisplay, test as base, eventsOf, NO_WEAR, SILENT } from '../../test/support/hub-site.js';
import { bindAtHub } from '../../test/support/local-binding.js';
import { LocalContents } from '../display/local-contents.js';
import type { HeldBack } from '../display/paint-loop.js';
import { LocalTime } from '../local-time.js';
import { CommitTimes } from '../metrics/commit-times.js';
import { queueReport } from '../queue-report.js';
import { displayStateOf } from '../reports/display-states.js';
import { buildApp } from './app.js';
import { MAX_BODY_BYTES } from './content-form.js';
import { heldBackView } from './display-view.js';
import { GlassPictures } from './glass-pictures.js';
import { hubStatus } from './status.js';

const GEOMETRY = { width: 8, height: 1, inks: ['black', 'white'] };
const PNG = Buffer.from('89504e470d0a1a0a00', 'hex');
const REFUSED = { state: 'refused', code: 'claim.refused', message: 'not <ours>' } as const;
const NOBODY = '01890000-0000-7000-8000-000000000009';

const test = base.extend('hub', async ({ store, site }, { onCleanup }) => {
  const displayId = aDisplay(store);
  const taken: string[] = [];
  const held: { back: HeldBack | undefined } = { back: undefined };
  let ids = 0;
  const newId = () => {
    ids += 1;
    return `01890000-0000-7000-8000-${`${ids}`.padStart(12, '0')}`;
  };
  const { displays, frames, assets, ledger, presentations, boot, outbox } = store;
  const contents = new LocalContents({
    display: (id) => (id === displayId ? { take: ({ presentationId }) => void taken.push(presentationId) } : undefined),
    assets,
    ledger,
    presentations,
    newId,
    now: () => site.clock.now(),
  });
  const commits = new CommitTimes(site.clock);
  store.database.watch((write) => commits.time(write));
  const { side, close } = bindAtHub(store, site);
  const app = await buildApp({
    status: () =>
      hubStatus({
        version: '1',
        rssBytes: 1,
        boot,
        queueDepth: outbox.depth(),
        damagedAt: undefined,
        household: undefined,
        identity: { hwId: undefined, problem: { ...REFUSED, step: 'register', retryAtMs: site.clock.now() } },
        refusal: undefined,
        cloud: undefined,
        certificate: undefined,
      }),
    displays: () =>
      displays.list().flatMap((row) => {
        const state = displayStateOf(row, () => GEOMETRY);
        return state === undefined ? [] : [{ ...state, heldBack: heldBackView(held.back) }];
      }),
    timeOfDay: (atMs) => new LocalTime('UTC').time(atMs),
    glass: new GlassPictures({ displays, frames, geometryOf: () => GEOMETRY, toPng: async ({ data }) => data }),
    contents,
    binding: side,
    presentations,
    queue: () =>
      queueReport({
        ...store,
        freeBytes: async () => 1_000_000,
        commits,
        hasCloud: true,
        isRefused: () => false,
        cloud: () => undefined,
      }),
    now: () => site.clock.now(),
    lastFailureOf: () => ({ code: 'render.picture-broken', message: 'cut off' }),
    newId,
    log: SILENT,
  });
  onCleanup(async () => {
    await app.close();
    await close();
  });
  const ask = (options: InjectOptions) =>
    app.inject({ ...options, headers: { host: 'inklet.local', ...options.headers } });
  return { ask, displayId, taken, held };
});

function form(parts: Record<string, string | Buffer>): Pick<InjectOptions, 'payload' | 'headers'> {
  const chunks = Object.entries(parts).flatMap(([name, value]) => {
    const file = typeof value === 'string' ? '' : '; filename="a.png"\r\nContent-Type: image/png';
    return [`--x\r\nContent-Disposition: form-data; name="${name}"${file}\r\n\r\n`, value, '\r\n'];
  });
  const payload = Buffer.concat([...chunks, '--x--\r\n'].map((chunk) => Buffer.from(chunk)));
  return { payload, headers: { 'content-type': 'multipart/form-data; boundary=x' } };
}

// It was the hub's own failure, a 500.
test.for([
  ['without an end', 'multipart/form-data; boundary=x', 'garbage'],
  ['without a boundary', 'multipart/form-data', 'garbage'],
] as const)("a form %s is refused as the sender's fault", async ([, type, payload], { hub: { ask, displayId } }) => {
  const url = `/api/displays/${displayId}/contents`;
  const reply = await ask({ method: 'POST', url, payload, headers: { 'content-type': type } });
  expect(reply.statusCode).toBe(400);
  expect(reply.json()).toMatchObject({ error: { code: 'request.invalid' } });
});

test('a text is accepted, told to the cloud, and on its way', async ({ store, hub: { ask, displayId, taken } }) => {
  const url = `/api/displays/${displayId}/contents`;
  const reply = await ask({ method: 'POST', url, payload: { title: 'Bread', text: 'at seven' } });
  expect(reply.statusCode).toBe(202);
  const { presentationId } = reply.json();
  expect(taken).toEqual([presentationId]);
  expect(eventsOf(store)).toMatchObject([
    { type: 'presentation.received', body: { presentationId, displayId, origin: 'local', cmdId: null } },
  ]);
  const state = await ask({ url: `/api/presentations/${presentationId}` });
  expect(state.json()).toMatchObject({ presentationId, state: 'received', times: { painted: null } });
  expect((await ask({ url: '/api/displays' })).json()).toMatchObject({
    displays: [{ displayId, pendingPresentationId: presentationId, frameSha256: null, heldBack: null }],
  });
});

test.for([
  [
    'too-soon',
    '2026-01-01T17:34:00.000Z',
    /rests for a while after each picture, and draws it from <time[^>]*>17:34 UTC</,
  ],
  ['too-cold', null, /It is too cold for this glass/],
  ['too-hot', null, /It is too hot for this glass/],
] as const)('a display that is held back as %s says so, and until when', async ([why, until, words], { hub }) => {
  hub.held.back = { why, untilMs: until === null ? undefined : Date.parse(until) };
  const reply = await hub.ask({ url: '/api/displays' });
  expect(reply.json()).toMatchObject({ displays: [{ heldBack: { why, until } }] });
  expect((await hub.ask({ url: '/' })).body).toMatch(words);
});

test('a picture is kept by its hash', async ({ store, hub: { ask, displayId } }) => {
  const reply = await ask({ method: 'POST', url: `/api/displays/${displayId}/contents`, ...form({ picture: PNG }) });
  expect(reply.statusCode).toBe(202);
  const page = store.presentations.get(reply.json().presentationId)?.page;
  expect(page).toMatchObject({ text: null, pictures: [{ contentType: 'image/png', sizeBytes: PNG.length }] });
  expect(await store.assets.get(page?.pictures[0]?.sha256 ?? '')).toEqual(PNG);
});

test('the glass is the stored frame that it shows', async ({ store, hub: { ask, displayId } }) => {
  const url = `/api/displays/${displayId}/glass.png`;
  expect((await ask({ url })).statusCode).toBe(404);
  const frameSha256 = await store.frames.put(Uint8Array.of(7));
  store.displays.setShown(displayId, { frameSha256, presentationId: null, wear: NO_WEAR, atMs: 0 });
  const reply = await ask({ url });
  expect(reply.headers['content-type']).toBe('image/png');
  expect(reply.rawPayload).toEqual(Buffer.of(7));
});

test('every refusal comes in the one envelope', async ({ hub: { ask, displayId } }) => {
  const contents = `/api/displays/${displayId}/contents`;
  const post = (options: InjectOptions) => ask({ method: 'POST', url: contents, ...options });
  const text = (type: string, payload: string) => ({ payload, headers: { 'content-type': type } });
  const cases: [Promise<{ statusCode: number; json(): unknown }>, number, string][] = [
    [ask({ url: '/nowhere' }), 404, 'request.not-found'],
    [ask({ url: `/api/displays/${NOBODY}/glass.png` }), 404, 'display.unknown'],
    [ask({ url: `/api/presentations/${NOBODY}` }), 404, 'presentation.unknown'],
    [ask({ url: '/api/displays/7/glass.png' }), 400, 'request.invalid'],
    [post({ url: `/api/displays/${NOBODY}/contents`, payload: { text: 'a' } }), 404, 'display.unknown'],
    [post({ payload: {} }), 422, 'content.empty'],
    [post({ payload: { text: 1 } }), 400, 'request.invalid'],
    [post(text('application/json', '{')), 400, 'request.invalid'],
    [post(text('application/xml', '<a/>')), 415, 'request.unsupported-media-type'],
    [post(form({ picture: Buffer.from('PK not a picture') })), 415, 'content.unsupported-picture'],
    [post({ payload: { text: 'a'.repeat(MAX_BODY_BYTES) } }), 413, 'request.too-large'],
    [post(form({ picture: Buffer.alloc(MAX_BODY_BYTES + 1) })), 413, 'request.too-large'],
  ];
  for (const [asked, status, code] of cases) {
    const reply = await asked;
    expect([reply.statusCode, ProblemSchema.parse(reply.json()).error.code]).toEqual([status, code]);
  }
});

test('a name that is not of this house is not answered', async ({ hub: { ask } }) => {
  const status = async (host: string) => (await ask({ url: '/healthz', headers: { host } })).statusCode;
  expect(await status('evil.example.com')).toBe(403);
  for (const host of ['127.0.0.1:8080', '[::1]:8080', 'localhost', 'inklet.local:80', 'inklet']) {
    expect(await status(host)).toBe(200);
  }
});

test("another site's page changes nothing here", async ({ store, hub: { ask, displayId } }) => {
  const url = `/displays/${displayId}/contents`;
  const post = (headers: Record<string, string>) => {
    const { payload, headers: type } = form({ text: 'a' });
    return ask({ method: 'POST', url, payload: payload ?? '', headers: { ...type, ...headers } });
  };
  expect((await post({ origin: 'http://evil.example' })).statusCode).toBe(403);
  expect((await post({ origin: 'null' })).statusCode).toBe(403);
  expect((await post({ 'sec-fetch-site': 'cross-site' })).statusCode).toBe(403);
  expect(eventsOf(store)).toEqual([]);
  expect((await post({ origin: 'http://inklet.local' })).statusCode).toBe(303);
});

test('the page works as a plain form and escapes what it is told', async ({ store, hub: { ask, displayId } }) => {
  store.displays.rename(displayId, '<Kitchen>');
  const page = await ask({ url: '/' });
  expect(page.headers['content-security-policy']).toContain("default-src 'none'");
  expect(page.body).toContain('&lt;Kitchen&gt;');
  expect(page.body).toMatch(
    /The cloud said no to this hub\.[\s\S]*00:00 UTC[\s\S]*\(claim\.refused, while registering\)/,
  );
  expect(page.body).toContain('The picture is damaged. (render.picture-broken)');
  expect(page.body).toContain(`action="/displays/${displayId}/contents"`);
  const sent = await ask({ method: 'POST', url: `/displays/${displayId}/contents`, ...form({ text: 'a', qr: '' }) });
  expect([sent.statusCode, sent.headers.location]).toEqual([303, '/']);
  const empty = await ask({ method: 'POST', url: `/displays/${displayId}/contents`, ...form({ text: ' ' }) });
  expect([empty.statusCode, empty.headers['content-type']]).toEqual([422, 'text/html; charset=utf-8']);
  expect(empty.body).toContain('Not shown: neither title, text, QR code nor picture.');
});

test('a full card is told politely, and what is here is still served', async ({ store, hub: { ask, displayId } }) => {
  const url = `/api/displays/${displayId}/contents`;
  store.database.prepare('PRAGMA max_page_count = 1').get();
  const post = () => ask({ method: 'POST', url, payload: { text: 'x'.repeat(5000) } });
  let reply = await post();
  for (let more = 0; more < 50 && reply.statusCode === 202; more += 1) reply = await post();
  expect([reply.statusCode, ProblemSchema.parse(reply.json()).error.code]).toEqual([503, 'storage.full']);
  const form503 = await ask({
    method: 'POST',
    url: `/displays/${displayId}/contents`,
    ...form({ text: 'x'.repeat(5000) }),
  });
  expect([form503.statusCode, form503.headers['content-type']]).toEqual([503, 'text/html; charset=utf-8']);
  expect(form503.body).toContain('Not shown: ');
  expect((await ask({ url: '/api/displays' })).statusCode).toBe(200);
  store.database.prepare('PRAGMA max_page_count = 100000').get();
  expect((await post()).statusCode).toBe(202);
});
