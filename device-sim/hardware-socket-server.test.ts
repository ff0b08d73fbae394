import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, test } from 'vitest';
import { connectHardwareSocket, Epd, type HardwareSocket, type PanelPort, panelSpec } from '../hardware/index.js';
import { noiseFrame } from './epd/noise-frame.js';
import { SimPanel } from './epd/sim-panel.js';
import { type HardwareServer, serveHardware } from './hardware-socket-server.js';
import { VirtualClock } from './virtual-clock.js';

const PANEL = '7in5_V2';

const socketTest = test.extend<{
  folder: string;
  panel: SimPanel;
  server: HardwareServer;
  hardware: HardwareSocket;
}>({
  folder: async ({ task: _ }, use) => {
    const folder = await mkdtemp(path.join(tmpdir(), 'inklet-socket-'));
    await use(folder);
    await rm(folder, { recursive: true });
  },
  panel: async ({ task: _ }, use) => {
    const clock = new VirtualClock({ auto: true });
    await use(new SimPanel({ width: 800, height: 480, clock, strictness: 'strict' }));
  },
  server: async ({ folder, panel }, use) => {
    const nfc = { atr: async () => Uint8Array.of(0x3b), transmit: reversedSlowly };
    const server = await serveHardware({ path: path.join(folder, 'hw'), panels: { [PANEL]: panel }, nfc });
    await use(server);
    await server.stop();
  },
  hardware: async ({ server }, use) => {
    const hardware = await connectHardwareSocket(server.path);
    await use(hardware);
    hardware.close();
  },
});

/** A tag that gives the bytes back in reverse, and takes its time over those that begin with an even one. */
async function reversedSlowly(apdu: Uint8Array): Promise<Uint8Array> {
  if ((apdu[0] ?? 0) % 2 === 0) await new Promise((resolve) => setImmediate(resolve));
  return apdu.toReversed();
}

function portOf(hardware: HardwareSocket): PanelPort {
  const port = hardware.panels[PANEL];
  assert(port);
  return port;
}

socketTest('a frame reaches the glass over the socket', async ({ panel, hardware }) => {
  const frame = noiseFrame(1);
  const epd = new Epd({ spec: panelSpec(PANEL), port: portOf(hardware), clock: panel.clock });
  await epd.show(frame, 'full');
  await epd.sleep();
  expect(panel.glass.frame().sha256).toBe(frame.sha256);
  expect(panel.lint.faults).toEqual([]);
});

socketTest(
  'a process that dies in the middle of a plane leaves a panel that the next one can use',
  async ({ panel, server }) => {
    const first = await connectHardwareSocket(server.path);
    const port = portOf(first);
    await port.gpio.set('dc', 0);
    await port.spi.transfer(Uint8Array.of(0x10));
    await port.gpio.set('dc', 1);
    await port.spi.transfer(new Uint8Array(4_096));
    first.close();

    const second = await connectHardwareSocket(server.path);
    const frame = noiseFrame(2);
    await new Epd({ spec: panelSpec(PANEL), port: portOf(second), clock: panel.clock }).show(frame, 'full');
    expect(panel.glass.frame().sha256).toBe(frame.sha256);
    second.close();
  },
);

socketTest('the tag on the reader answers through the socket', async ({ hardware }) => {
  expect(await hardware.nfc.atr()).toEqual(Uint8Array.of(0x3b));
  expect(await hardware.nfc.transmit(Uint8Array.of(1, 2, 3))).toEqual(Uint8Array.of(3, 2, 1));
});

socketTest('requests sent at once are answered in their order', async ({ hardware }) => {
  const apdus = Array.from({ length: 200 }, (_, at) => Uint8Array.of(at, 0));
  const answers = await Promise.all(apdus.map((apdu) => hardware.nfc.transmit(apdu)));
  expect(answers.map((answer) => answer[1])).toEqual(apdus.map((apdu) => apdu[0]));
});

socketTest('a transfer that the bus does not take is refused and the connection lives on', async ({ hardware }) => {
  const port = portOf(hardware);
  await expect(port.spi.transfer(new Uint8Array(4_097))).rejects.toMatchObject({ code: 'socket.refused' });
  expect(await port.gpio.get('rst')).toBe(1);
});

socketTest('when the server goes, waiting and later calls get a typed error', async ({ server }) => {
  const hardware = await connectHardwareSocket(server.path);
  const waiting = expect(hardware.nfc.atr()).rejects.toMatchObject({ code: 'socket.closed' });
  await server.stop();
  await waiting;
  await expect(hardware.nfc.atr()).rejects.toMatchObject({ code: 'socket.closed' });
});

socketTest('nobody at the path is a typed error', async ({ folder }) => {
  const nowhere = connectHardwareSocket(path.join(folder, 'nowhere'));
  await expect(nowhere).rejects.toMatchObject({ code: 'socket.unreachable' });
});

socketTest.for([
  ['a length beyond all messages', [0xff, 0xff, 0xff, 0xff, 1]],
  ['an empty message', [0, 0, 0, 0]],
  ['an unknown request', [0, 0, 0, 3, 99, 0, 0]],
  ['a panel that is not there', [0, 0, 0, 3, 3, 7, 0]],
  ['a line that is not there', [0, 0, 0, 3, 3, 0, 9]],
  ['a level that is none', [0, 0, 0, 4, 2, 0, 0, 5]],
  ['BUSY set from outside', [0, 0, 0, 4, 2, 0, 2, 1]],
] as const)('%s ends that connection and no other', async ([, bytes], { server, hardware }) => {
  const stranger = connect(server.path);
  stranger.write(Uint8Array.from(bytes));
  await once(stranger, 'close');
  expect(await portOf(hardware).gpio.get('rst')).toBe(1);
});

socketTest('a socket file that a killed server left is taken over', async ({ folder, panel }) => {
  const left = path.join(folder, 'left');
  const listen = "require('node:net').createServer().listen(process.argv[1], () => console.log('up'))";
  const killed = spawn(process.execPath, ['-e', listen, left], { stdio: ['ignore', 'pipe', 'ignore'] });
  await once(killed.stdout, 'data');
  killed.kill('SIGKILL');
  await once(killed, 'exit');
  expect((await stat(left)).isSocket()).toBe(true);

  const server = await serveHardware({ path: left, panels: { [PANEL]: panel } });
  const hardware = await connectHardwareSocket(left);
  expect(await portOf(hardware).gpio.get('rst')).toBe(1);
  hardware.close();
  await server.stop();
});

socketTest('a path where another server listens, or where a file lies, is left alone', async ({ folder, server }) => {
  const file = path.join(folder, 'notes');
  await writeFile(file, 'of somebody else');
  for (const taken of [server.path, file]) {
    await expect(serveHardware({ path: taken, panels: {} })).rejects.toMatchObject({ code: 'hardware.path-in-use' });
  }
  expect(await readFile(file, 'utf8')).toBe('of somebody else');
});
