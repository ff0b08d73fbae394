import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import { expect } from 'vitest';
import { test as base } from '../../test/support/hub-site.js';
import { AssetClient } from './asset-client.js';

const BYTES = Buffer.from('a picture of bread '.repeat(1000));
const PICTURE = {
  sha256: createHash('sha256').update(BYTES).digest('hex'),
  contentType: 'image/png',
  sizeBytes: BYTES.length,
} as const;
const { signal: NEVER } = new AbortController();

type Answer = (response: ServerResponse) => void;
const whole: Answer = (response) => response.end(BYTES);

/** A cloud of one route, whose answers are taken from a list, the last one for ever. */
const test = base
  .extend('cloud', async ({ dir: _dir }, { onCleanup }) => {
    const asked: string[] = [];
    const cloud = { asked, answers: [whole], url: '' };
    const server = createServer((request, response) => {
      asked.push(`${request.url} ${request.headers.authorization}`);
      response.setHeader('connection', 'close');
      const answer = cloud.answers.length > 1 ? cloud.answers.shift() : cloud.answers[0];
      answer?.(response);
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    cloud.url = `http://127.0.0.1:${address !== null && typeof address === 'object' ? address.port : 0}`;
    onCleanup(() => {
      server.close();
      server.closeAllConnections();
    });
    return cloud;
  })
  .extend('client', ({ store, site, cloud }) => {
    const http = { baseUrl: cloud.url, token: async () => 'proof', fetch };
    return new AssetClient({ assets: store.assets, cloud: () => http, clock: site.clock, random: () => 1 });
  });

test('a picture is fetched once with the proof of the hub, and is on disk afterwards', async ({ client, cloud }) => {
  expect(Buffer.from(await client.fetch(PICTURE, NEVER))).toEqual(BYTES);
  expect(Buffer.from(await client.fetch(PICTURE, NEVER))).toEqual(BYTES);
  expect(cloud.asked).toEqual([`/v1/assets/${PICTURE.sha256} Bearer proof`]);
});

test.for<[string, Answer, string]>([
  ['another picture', (response) => response.end(Buffer.alloc(BYTES.length, 1)), 'asset.damaged'],
  ['more than was announced', (response) => response.end(Buffer.concat([BYTES, BYTES])), 'asset.too-large'],
  ['404', (response) => response.writeHead(404).end(), 'asset.refused'],
  ['403', (response) => response.writeHead(403).end(), 'asset.refused'],
])('%s is refused by its code, at once, and nothing is kept', async ([, answer, code], { client, cloud, store }) => {
  cloud.answers = [answer];
  await expect(client.fetch(PICTURE, NEVER)).rejects.toMatchObject({ code });
  expect(cloud.asked).toHaveLength(1);
  expect(await store.assets.get(PICTURE.sha256)).toBeUndefined();
});

test('a picture larger than a hub takes is not even asked for', async ({ client, cloud }) => {
  const large = { ...PICTURE, sizeBytes: 65 * 1024 * 1024 };
  await expect(client.fetch(large, NEVER)).rejects.toMatchObject({ code: 'asset.too-large' });
  expect(cloud.asked).toEqual([]);
});

test.for<[string, Answer]>([
  ['is cut in the middle', (response) => response.write(BYTES.subarray(0, 5000), () => response.destroy())],
  ['ends too soon', (response) => response.writeHead(200, { 'content-length': BYTES.length }).destroy()],
  ['meets a cloud that is away', (response) => response.destroy()],
  ['meets a busy cloud', (response) => response.writeHead(429).end()],
  ['meets a broken cloud', (response) => response.writeHead(502).end()],
])('a picture that %s is asked for again later', async ([, answer], { client, cloud, site }) => {
  cloud.answers = [answer, whole];
  const fetching = client.fetch(PICTURE, NEVER);
  await expect.poll(() => site.clock.sleeping).toEqual([500]);
  site.clock.advance(500);
  expect(Buffer.from(await fetching)).toEqual(BYTES);
});

// A household whose internet was away for a minute lost the picture it had been sent.
test('an evening without internet is waited out, and no more', async ({ client, cloud, site }) => {
  cloud.answers = [(response) => response.destroy()];
  const fetching = client.fetch(PICTURE, NEVER);
  const outcome = fetching.catch((error: unknown) => error);
  await expect.poll(() => site.clock.sleeping).toEqual([500]);
  site.clock.advance(11 * 3_600_000);
  await expect.poll(() => cloud.asked.length).toBe(2);
  await expect.poll(() => site.clock.sleeping).toEqual([1000]);
  site.clock.advance(3_600_000);
  expect(await outcome).toMatchObject({ code: 'asset.unreachable' });
});

test('nobody waits for a picture that is not wanted any more', async ({ client, cloud, site }) => {
  cloud.answers = [(response) => response.destroy()];
  const newer = new AbortController();
  const fetching = client.fetch(PICTURE, newer.signal);
  const outcome = fetching.catch((error: unknown) => error);
  await expect.poll(() => site.clock.sleeping).toEqual([500]);
  newer.abort(new RangeError('newer'));
  expect(await outcome).toMatchObject({ message: 'newer' });
});
