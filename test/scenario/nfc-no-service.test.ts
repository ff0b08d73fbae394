import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test as base, expect } from 'vitest';
import { VirtualClock } from '../../device-sim/virtual-clock.js';
import { PcscReader } from '../../hardware/index.js';

const test = base
  .extend('dir', async ({ task }, { onCleanup }) => {
    const dir = await mkdtemp(path.join(tmpdir(), `inklet-pcsc-${task.id}-`));
    onCleanup(() => rm(dir, { recursive: true, force: true }));
    return dir;
  })
  .extend('serve', ({ dir }, { onCleanup }) => async (talk: (socket: Socket) => void) => {
    const socketPath = path.join(dir, 'pcscd.comm');
    const sockets = new Set<Socket>();
    const server = createServer((socket) => {
      sockets.add(socket);
      talk(socket);
    }).listen(socketPath);
    await once(server, 'listening');
    onCleanup(() => {
      for (const socket of sockets) socket.destroy();
      server.close();
    });
    return socketPath;
  });

const readerAt = (socketPath: string, clock = new VirtualClock({ auto: true })) =>
  new PcscReader({ clock, random: () => 0, socketPath });

test('a machine without pcscd says so at once, and each time', async ({ dir }) => {
  const reader = readerAt(path.join(dir, 'nobody'));
  for (const ask of [reader.atr(), reader.readers(), reader.transmit(Uint8Array.of(0xff)), reader.atr()]) {
    await expect(ask).rejects.toMatchObject({ code: 'nfc.no-service' });
  }
});

test('a pcscd that takes the connection and says nothing hangs', async ({ serve }) => {
  const clock = new VirtualClock();
  const asked = readerAt(await serve(() => undefined), clock).atr();
  const outcome = expect(asked).rejects.toMatchObject({ code: 'nfc.service-hangs' });
  await clock.advance(3000);
  await outcome;
});
