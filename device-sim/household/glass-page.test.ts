import { createHash } from 'node:crypto';
import { request } from 'node:http';
import { test as base, expect } from 'vitest';
import { pngToFrame } from '../../render/index.js';
import { SimPanel } from '../epd/sim-panel.js';
import { VirtualClock } from '../virtual-clock.js';
import { startGlassPage } from './glass-page.js';
import { Wall } from './wall.js';

const WIDTH = 800;
const HEIGHT = 480;
const WHOLE = { x: 0, y: 0, width: WIDTH, height: HEIGHT };

const test = base
  .extend('panel', () => new SimPanel({ width: WIDTH, height: HEIGHT, clock: new VirtualClock() }))
  .extend('wall', ({ panel }): Wall => new Wall({ panel: '7in5_V2', inks: ['black', 'white'], device: () => panel }))
  .extend('page', async ({ wall }, { onCleanup }) => {
    const page = await startGlassPage(wall, 0);
    onCleanup(() => page.stop());
    return page;
  });

test('the picture and its hash are what the glass shows now', async ({ page, panel, wall }) => {
  panel.glass.drive(WHOLE, (x) => (x < 8 ? 0 : 1), { flash: true, progress: 1 });
  const png = await fetch(`${page.url}/glass.png`);
  expect([png.headers.get('content-type'), png.headers.get('cache-control')]).toEqual(['image/png', 'no-store']);
  const frame = await pngToFrame(new Uint8Array(await png.arrayBuffer()), ['black', 'white']);
  const row = Buffer.alloc(WIDTH / 8, 0xff);
  row[0] = 0;
  const sha256 = createHash('sha256')
    .update(Buffer.concat(Array.from({ length: HEIGHT }, () => row)))
    .digest('hex');
  expect(frame.sha256).toBe(sha256);
  expect(await (await fetch(`${page.url}/glass.json`)).json()).toEqual({ panel: '7in5_V2', sha256, changes: 0 });

  panel.glass.drive(WHOLE, () => 0, { flash: true, progress: 1 });
  wall.refreshed();
  const after = await (await fetch(`${page.url}/glass.json`)).json();
  expect(after).toMatchObject({ changes: 1, sha256: createHash('sha256').update(Buffer.alloc(48_000)).digest('hex') });
});

test('the page names its panel and asks nobody outside for anything', async ({ page }) => {
  const html = await (await fetch(page.url)).text();
  expect(html).toContain('7in5_V2');
  expect(html).not.toMatch(/https?:/);
});

test('a listener hears how often the glass has changed, at once and at each change', async ({ page, wall }) => {
  const events = await listen(page.url);
  expect(await events.next()).toBe('data: 0\n\n');
  wall.refreshed();
  expect(await events.next()).toBe('data: 1\n\n');
  wall.refreshed();
  expect(await events.next()).toBe('data: 2\n\n');
  events.leave();
});

test('a page is stopped while people listen, whose stream ends', async ({ page }) => {
  const streams = [await listen(page.url), await listen(page.url)];
  for (const events of streams) await events.next();
  await page.stop();
  for (const events of streams) expect(await events.next()).toBeUndefined();
  await expect(fetch(page.url)).rejects.toThrow();
});

test('a page is stopped after a listener has gone', async ({ page, wall }) => {
  const events = await listen(page.url);
  await events.next();
  events.leave();
  wall.refreshed();
  await page.stop();
});

test('who asks for something else is told so', async ({ page }) => {
  expect((await fetch(`${page.url}/etc/passwd`)).status).toBe(404);
});

type Events = { next(): Promise<string | undefined>; leave(): void };

function listen(url: string): Promise<Events> {
  return new Promise((resolve, reject) => {
    const asking = request(`${url}/changes`, (response) => {
      const pieces = response.setEncoding('utf8')[Symbol.asyncIterator]();
      resolve({
        next: async () => {
          const { value, done } = await pieces.next();
          return done ? undefined : String(value);
        },
        leave: () => response.destroy(),
      });
    });
    asking.on('error', reject);
    asking.end();
  });
}
