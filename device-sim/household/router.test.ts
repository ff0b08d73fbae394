import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { test as base, expect } from 'vitest';
import { z } from 'zod';
import { startRouter } from './router.js';

const HOST = '127.0.0.1';
const AddressSchema = z.object({ port: z.number() });

type Sleep = (ms: number, signal?: AbortSignal) => Promise<void>;

/** A service that says back what it hears, behind a router. */
const test = base
  .extend('answer', { scope: 'test' }, () => (socket: Socket) => void socket.pipe(socket))
  .extend('sleep', { scope: 'test' }, (): Sleep => async () => undefined)
  .extend('sleeps', (): number[] => [])
  .extend('router', async ({ answer, sleep, sleeps }, { onCleanup }) => {
    const sockets = new Set<Socket>();
    const service = createServer((socket) => {
      sockets.add(socket);
      socket.on('error', () => undefined);
      answer(socket);
    });
    service.listen(0, HOST);
    await once(service, 'listening');
    const router = await startRouter(AddressSchema.parse(service.address()).port, {
      sleep: (ms, signal) => {
        sleeps.push(ms);
        return sleep(ms, signal);
      },
    });
    onCleanup(async () => {
      await router.stop();
      for (const socket of sockets) socket.destroy();
      service.close();
    });
    return router;
  })
  .extend('dial', ({ router }, { onCleanup }) => {
    const open: Socket[] = [];
    onCleanup(() => {
      for (const socket of open) socket.destroy();
    });
    return async () => {
      const socket = connect(router.port, HOST);
      open.push(socket);
      socket.on('error', () => undefined);
      await once(socket, 'connect');
      return socket;
    };
  });

async function echoed(socket: Socket, text: string): Promise<string> {
  socket.write(text);
  const [heard] = await once(socket, 'data');
  return String(heard);
}

/** A connection that is reset says so by an error first. */
function closed(socket: Socket): Promise<unknown> {
  return new Promise((resolve) => (socket.destroyed ? resolve(undefined) : socket.once('close', resolve)));
}

test('what one side says, the other hears', async ({ dial }) => {
  expect(await echoed(await dial(), 'hello')).toBe('hello');
});

test('a cut breaks what is open and takes nothing new, a mend lets the next one through', async ({ router, dial }) => {
  const before = await dial();
  await echoed(before, 'x');
  router.cut();
  await once(before, 'close');
  await once(await dial(), 'close');

  router.mend();
  expect(await echoed(await dial(), 'again')).toBe('again');
});

test('after a stop the port is closed, and a second stop does nothing', async ({ router, dial }) => {
  const open = await dial();
  await echoed(open, 'x');
  await router.stop();
  if (!open.destroyed) await once(open, 'close');
  await router.stop();
  await expect(dial()).rejects.toMatchObject({ code: 'ECONNREFUSED' });
});

const MEGABYTE = 1_048_576;

test.describe('a service that closes as soon as it has sent everything', () => {
  test.override('answer', () => (socket: Socket) => void socket.end(Buffer.alloc(8 * MEGABYTE)));

  test('is heard to the end by a slow listener', async ({ dial }) => {
    const socket = await dial();
    let bytes = 0;
    for await (const piece of socket) {
      bytes += piece.length;
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(bytes).toBe(8 * MEGABYTE);
  });
});

test.describe('a service that breaks off', () => {
  test.override('answer', () => (socket: Socket) => void socket.resetAndDestroy());

  test('leaves no listener waiting', async ({ dial }) => {
    const socket = await dial();
    if (!socket.destroyed) await once(socket, 'close');
    expect(socket.destroyed).toBe(true);
  });
});

test('a half-open link takes connections and swallows what is said on them, until it is mended and they break', async ({
  router,
  dial,
}) => {
  const before = await dial();
  await echoed(before, 'x');
  router.spoil({ kind: 'half-open' });
  const during = await dial();
  const heard: string[] = [];
  for (const socket of [before, during]) {
    socket.on('data', (piece: Buffer) => heard.push(String(piece)));
    socket.write('lost');
  }
  await expect.poll(() => router.swallowedBytes).toBe(8);
  router.mend();
  for (const socket of [before, during]) await closed(socket);
  expect(heard).toEqual([]);
  expect(await echoed(await dial(), 'again')).toBe('again');
});

test('a lossy link resets each connection after so many bytes of its own', async ({ router, dial }) => {
  router.spoil({ kind: 'lossy', resetAfterBytes: () => 10 });
  for (const socket of [await dial(), await dial()]) {
    // Five bytes there and five back are ten; one more is too many.
    expect(await echoed(socket, 'five!')).toBe('five!');
    socket.write('x');
    await closed(socket);
  }
  router.mend();
  expect(await echoed(await dial(), 'longer than ten bytes')).toBe('longer than ten bytes');
});

test.describe('on a clock that notes how long is slept', () => {
  test.for([
    [{ kind: 'slow', bytesPerS: 10 }, 1_000],
    [{ kind: 'delay', delayMs: 300 }, 300],
  ] as const)('%j: ten bytes take %i ms each way', async ([fault, waitMs], { router, dial, sleeps }) => {
    router.spoil(fault);
    expect(await echoed(await dial(), 'ten bytes!')).toBe('ten bytes!');
    expect(sleeps).toEqual([waitMs, waitMs]);
  });
});

test.describe('on a clock that stands still', () => {
  test.override('sleep', (): Sleep => (_ms, signal) => untilAborted(signal));

  test('a link that is mended lets through what it held up', async ({ router, dial, sleeps }) => {
    const socket = await dial();
    router.spoil({ kind: 'slow', bytesPerS: 1 });
    const heard = echoed(socket, 'late');
    await expect.poll(() => sleeps).toHaveLength(1);
    router.mend();
    expect(await heard).toBe('late');
  });
});

async function untilAborted(signal?: AbortSignal): Promise<void> {
  if (signal !== undefined && !signal.aborted) await once(signal, 'abort');
}
