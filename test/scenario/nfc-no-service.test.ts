import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pino } from 'pino';
import { test as base, expect } from 'vitest';
import { VirtualClock } from '../../device-sim/virtual-clock.js';
import { PcscReader, systemClock } from '../../hardware/index.js';
import { adviceFor } from '../../hub/api/advice.js';
import { IdentitySource } from '../../hub/identity-source.js';
import { openTagReader } from '../../hub/wired-hardware.js';
import { KeyStore } from '../../provisioning/index.js';

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

test('a hub without pcscd waits for it, and says so to the household', async ({ dir }) => {
  const signerKeysFile = path.join(dir, 'keys.json');
  await writeFile(signerKeysFile, JSON.stringify({ keys: [] }));
  const nfc = readerAt(path.join(dir, 'nobody'));
  const source = new IdentitySource({
    keyStore: new KeyStore({ dir: path.join(dir, 'identity') }),
    ...{ nfc, signerKeysFile, claimCertFile: undefined, claimKeyFile: undefined },
    iot: { endpoint: '127.0.0.1', port: 1, caPem: '', template: 'inklet-hub' },
    ...{ clock: systemClock, random: () => 0, log: pino({ level: 'silent' }) },
  });
  const stop = new AbortController();
  const obtained = source.obtain(stop.signal);
  await expect.poll(() => source.problem).toMatchObject({ state: 'waiting', code: 'nfc.no-service' });
  stop.abort();
  await expect(obtained).rejects.toMatchObject({ name: 'AbortError' });
  expect(adviceFor('nfc.no-service')).toContain('PC/SC');
});

test('a hub that is told to look for no tag reader finds none', async () => {
  const { nfc, close } = openTagReader('off', { clock: systemClock, random: () => 0 });
  expect(await nfc.atr()).toBeUndefined();
  await expect(nfc.transmit(Uint8Array.of(0xff))).rejects.toMatchObject({ code: 'nfc.no-tag' });
  close();
});
