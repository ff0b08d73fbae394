import { EventEmitter, once } from 'node:events';
import { createServer } from 'node:http';
import { test as base, expect } from 'vitest';
import { z } from 'zod';
import { renderFrame, unpackFrame } from '../../render/index.js';
import { VirtualClock } from '../virtual-clock.js';
import { bindByGlass, type Picture } from './person.js';

const ACCOUNT = { email: 'person@household.example', password: 'the right one', pat: 'x' };
const SIZE = { width: 800, height: 480 };
const FOR_EVER = new AbortController().signal;
const AddressSchema = z.object({ port: z.number() });
const BodySchema = z.looseObject({ password: z.string().optional(), code: z.string().optional() });

/** Glass that shows what it is told to. */
class Glass {
  readonly #events = new EventEmitter();
  #picture: Picture = { ...SIZE, rgba: new Uint8ClampedArray(SIZE.width * SIZE.height * 4).fill(255) };

  async showCode(code: string): Promise<void> {
    const url = `https://inklet.app/c#code=${code}`;
    const frame = await renderFrame(
      { kind: 'claim-code', code, url, word: 'BREAD' },
      { ...SIZE, inks: ['black', 'white'] },
    );
    const rgba = new Uint8ClampedArray(SIZE.width * SIZE.height * 4);
    unpackFrame(frame).forEach((ink, at) => {
      rgba.set([ink * 255, ink * 255, ink * 255, 255], at * 4);
    });
    this.#picture = { ...SIZE, rgba };
    this.#events.emit('changed');
  }

  async look(): Promise<Picture> {
    return this.#picture;
  }

  async changed(signal: AbortSignal): Promise<void> {
    await once(this.#events, 'changed', { signal });
  }
}

/** A cloud that knows one person, and one good claim code. */
const test = base
  .extend('glass', () => new Glass())
  .extend('clock', () => new VirtualClock())
  .extend('cloud', async ({ task: _ }, { onCleanup }) => {
    const offered: string[] = [];
    const hubs: string[] = [];
    const cloud = { goodCode: 'NEWC0DE2', offered, hubs, url: '' };
    const events = new EventEmitter();
    const answer = (route: string, { password, code = '' }: z.infer<typeof BodySchema>): [number, unknown] => {
      if (route === 'POST /auth/log-in') return password === ACCOUNT.password ? [200, { accessToken: 't' }] : [401, {}];
      if (route === 'GET /api/v1/hubs') return [200, { items: cloud.hubs.map((thingName) => ({ thingName })) }];
      if (route === 'POST /api/v1/claims') {
        cloud.offered.push(code);
        setImmediate(() => events.emit('offered'));
        return code === cloud.goodCode ? [200, { claimId: 'c1' }] : [404, {}];
      }
      if (route !== 'POST /api/v1/claims/c1/confirm') return [404, {}];
      cloud.hubs.push('inklet-one');
      return [200, {}];
    };
    const server = createServer((request, response) => {
      let text = '';
      request.setEncoding('utf8').on('data', (piece: string) => {
        text += piece;
      });
      request.on('end', () => {
        const [status, body] = answer(`${request.method} ${request.url}`, BodySchema.parse(JSON.parse(text || '{}')));
        response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
      });
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    cloud.url = `http://127.0.0.1:${AddressSchema.parse(server.address()).port}`;
    onCleanup(() => void server.close());
    return Object.assign(cloud, { offer: () => once(events, 'offered') });
  })
  .extend(
    'bind',
    ({ cloud, glass, clock }) =>
      (account = ACCOUNT, signal = FOR_EVER) =>
        bindByGlass({ cloudUrl: cloud.url, account, view: glass, clock }, signal),
  );

test('the code is read off the glass and binds the hub', async ({ bind, cloud, glass }) => {
  const binding = bind();
  await glass.showCode(cloud.goodCode);
  expect(await binding).toBe('inklet-one');
  expect(cloud.offered).toEqual([cloud.goodCode]);
});

test('a hub that is bound needs no code', async ({ bind, cloud }) => {
  cloud.hubs.push('inklet-zero');
  expect(await bind()).toBe('inklet-zero');
  expect(cloud.offered).toEqual([]);
});

// A household that was stopped with a code on its glass did not come up again: the code was dead by then.
test('a dead code that e-ink has kept is offered once, then the next one, not too fast', async ({
  bind,
  cloud,
  glass,
  clock,
}) => {
  await glass.showCode('OLDC0DE1');
  const offered = cloud.offer();
  const binding = bind();
  await offered;
  await glass.showCode('OLDC0DE1');
  await glass.showCode(cloud.goodCode);
  const pass = async () => {
    await clock.advance(1_000);
    return cloud.hubs.length;
  };
  await expect.poll(pass).toBe(1);
  expect(clock.monotonic()).toBeGreaterThanOrEqual(5_000);
  expect(await binding).toBe('inklet-one');
  expect(cloud.offered).toEqual(['OLDC0DE1', cloud.goodCode]);
});

test('glass that never shows a good code is an error, with what the cloud said', async ({
  bind,
  cloud,
  glass,
  clock,
}) => {
  await glass.showCode('OLDC0DE1');
  const offered = cloud.offer();
  const refused = expect(bind()).rejects.toMatchObject({
    code: 'household.no-claim-code',
    message: expect.stringContaining('90000 ms'),
    cause: { code: 'household.refused' },
  });
  await offered;
  await clock.advance(90_000);
  await refused;
});

test('a cloud that does not know the person is another one than before', async ({ bind }) => {
  await expect(bind({ ...ACCOUNT, password: 'of another database' })).rejects.toMatchObject({
    code: 'household.unknown-person',
    message: expect.stringContaining('--fresh'),
  });
});

test('who leaves while he looks gets his own reason', async ({ bind, cloud, glass }) => {
  const leave = new AbortController();
  await glass.showCode('OLDC0DE1');
  const offered = cloud.offer();
  const refused = expect(bind(ACCOUNT, leave.signal)).rejects.toThrow();
  await offered;
  leave.abort();
  await refused;
});
