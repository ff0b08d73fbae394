import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { test as base, expect } from 'vitest';
import { z } from 'zod';
import { startRouter } from './router.js';

const HOST = '127.0.0.1';
const AddressSchema = z.object({ port: z.number() });

/** A service that says back what it hears, behind a router. */
const test = base
  .extend('answer', { scope: 'test' }, () => (socket: Socket) => void socket.pipe(socket))
  .extend('router', async ({ answer }, { onCleanup }) => {
    const sockets = new Set<Socket>();
    const service = createServer((socket) => {
      sockets.add(socket);
      socket.on('error', () => undefined);
      answer(socket);
    });
    service.listen(0, HOST);
    await once(service, 'listening');
    const router = await startRouter(AddressSchema.parse(service.address()).port);
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
