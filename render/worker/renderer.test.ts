import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test as base, expect } from 'vitest';
import {
  type Renderer,
  type RendererOptions,
  type RenderInput,
  type RenderWarning,
  renderFrame,
  type SceneNode,
  startRenderer,
} from '../index.js';

const GLASS = { width: 800, height: 480, inks: ['black', 'white'] };

type Fixtures = { cacheDir: string; start: (options?: RendererOptions) => Renderer };

const test = base.extend<Fixtures>({
  cacheDir: async ({ task: _ }, use) => {
    const dir = mkdtempSync(path.join(tmpdir(), 'inklet-render-'));
    await use(dir);
    rmSync(dir, { recursive: true });
  },
  start: async ({ cacheDir }, use) => {
    const started: Renderer[] = [];
    await use((options) => {
      const renderer = startRenderer({ cacheDir, ...options });
      started.push(renderer);
      return renderer;
    });
    await Promise.all(started.map((renderer) => renderer.stop()));
  },
});

function text(words: string): RenderInput {
  return { kind: 'page', page: { title: null, text: words, align: 'centre', qr: null, fit: 'fit', pictures: [] } };
}

test('a frame from the worker is the frame from this thread', async ({ start, cacheDir }) => {
  const renderer = start();
  const frames = await Promise.all(['one', 'two', 'three'].map((words) => renderer.render(text(words), GLASS)));
  for (const [at, words] of ['one', 'two', 'three'].entries()) {
    const here = await renderFrame(text(words), GLASS);
    expect(frames[at]).toMatchObject({ width: 800, height: 480, bitsPerPixel: 1, sha256: here.sha256 });
    expect(Buffer.compare(frames[at]?.data ?? Buffer.alloc(0), here.data)).toBe(0);
  }
  expect(readdirSync(cacheDir).some((file) => file.endsWith('.conf'))).toBe(true);
});

test('an error in the worker arrives with its code, and the next job is done', async ({ start }) => {
  const renderer = start();
  const refused = renderer.render(text(''), GLASS);
  const drawn = renderer.render(text('after'), GLASS);
  await expect(refused).rejects.toMatchObject({ name: 'RenderError', code: 'render.nothing-to-show' });
  expect((await drawn).sha256).toBe((await renderFrame(text('after'), GLASS)).sha256);
});

test('a job past its time limit is ended, and the next one is done by another worker', async ({ start }) => {
  const clocks: AbortController[] = [];
  const renderer = start({
    deadline: () => {
      const clock = new AbortController();
      clocks.push(clock);
      return clock.signal;
    },
  });
  const slow = renderer.render(text('slow'), GLASS);
  const next = renderer.render(text('next'), GLASS);
  clocks[0]?.abort();
  await expect(slow).rejects.toMatchObject({ code: 'render.timeout' });
  expect((await next).sha256).toBe((await renderFrame(text('next'), GLASS)).sha256);
});

test('a job that is given up rejects with the reason of its signal, waiting or running', async ({ start }) => {
  const renderer = start();
  const givenUp = [new AbortController(), new AbortController(), new AbortController()];
  givenUp[2]?.abort(new Error('before'));
  const jobs = givenUp.map(({ signal }) => renderer.render(text('unwanted'), GLASS, signal));
  givenUp[0]?.abort(new Error('running'));
  givenUp[1]?.abort(new Error('waiting'));
  const wanted = renderer.render(text('wanted'), GLASS);
  const outcomes = await Promise.allSettled(jobs);
  const reasons = outcomes.map((outcome) => (outcome.status === 'rejected' ? outcome.reason.message : 'drawn'));
  expect(reasons).toEqual(['running', 'waiting', 'before']);
  expect((await wanted).width).toBe(800);
});

test('a folder for fonts that could not be written costs the jobs until it can', async ({ start, cacheDir }) => {
  const inTheWay = path.join(cacheDir, 'file');
  writeFileSync(inTheWay, '');
  const renderer = start({ cacheDir: path.join(inTheWay, 'fonts') });
  await expect(renderer.render(text('one'), GLASS)).rejects.toMatchObject({ code: 'render.failed' });
  rmSync(inTheWay);
  expect((await renderer.render(text('one'), GLASS)).sha256).toBe((await renderFrame(text('one'), GLASS)).sha256);
});

test('a worker that runs out of memory costs one job, not the process', async ({ start }) => {
  const renderer = start({ memoryLimitMb: 1 });
  await expect(renderer.render(text('too much'), GLASS)).rejects.toMatchObject({ code: 'render.out-of-memory' });
});

test('stopping ends what runs and what waits, and may be done twice', async ({ start }) => {
  const renderer = start();
  const jobs = [renderer.render(text('running'), GLASS), renderer.render(text('waiting'), GLASS)];
  const outcomes = Promise.allSettled(jobs);
  await renderer.stop();
  for (const outcome of await outcomes) {
    expect(outcome).toMatchObject({ status: 'rejected', reason: { code: 'render.stopped' } });
  }
  await renderer.stop();
  await expect(renderer.render(text('late'), GLASS)).rejects.toMatchObject({ code: 'render.stopped' });
});

// A search for the best pattern of a sheet that nobody wanted any more held up the next message for seconds.
test('a job that is given up is not drawn to its end', async ({ start }) => {
  const greys = { ...GLASS, inks: ['black', 'dark-grey', 'light-grey', 'white'], mode: 'best' } as const;
  const root = {
    type: 'stack',
    children: [
      { type: 'region', fill: { from: '#000000', to: '#ffffff' }, width: '100%', height: '100%' },
      { type: 'box', width: 9_000 },
    ],
  } satisfies SceneNode;
  const unwanted = new AbortController();
  const told: string[] = [];
  const renderer = start();
  const input: RenderInput = { kind: 'scene', scene: { version: 1, root }, assets: {} };
  const givenUp = renderer.render(input, greys, unwanted.signal, ({ code }) => told.push(code));
  const next = renderer.render(text('next'), GLASS);
  unwanted.abort(new Error('something newer'));
  await expect(givenUp).rejects.toThrow('something newer');
  expect((await next).sha256).toBe((await renderFrame(text('next'), GLASS)).sha256);
  // A job that is done tells its warnings, heard or not.
  expect(told).toEqual([]);
});

test('what came out worse than it was asked for is told', async ({ start }) => {
  const root = { type: 'row', children: [{ type: 'box', width: 9_000 }] } satisfies SceneNode;
  const told: string[] = [];
  const tell = ({ code, path: where }: RenderWarning) => told.push(`${code} ${where}`);
  const input: RenderInput = { kind: 'scene', scene: { version: 1, root }, assets: {} };
  const frame = await start().render(input, GLASS, undefined, tell);
  expect(frame.width).toBe(GLASS.width);
  expect(told).toEqual(['render.overflow root.children[0]']);
});
