import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { pino } from 'pino';
import { v7 } from 'uuid';
import { test as base, expect } from 'vitest';
import { z } from 'zod';
import { SimPanel } from '../../device-sim/epd/sim-panel.js';
import { scaledClock } from '../../device-sim/index.js';
import { FakeKernel } from '../../device-sim/linux/fake-kernel.js';
import { openLinuxPanel, panelSpec, systemClock } from '../../hardware/index.js';
import { readConfig } from '../../hub/config.js';
import { HubError } from '../../hub/errors.js';
import { createHub } from '../../hub/hub.js';
import { KeyStore } from '../../provisioning/index.js';
import { frameToPng, startRenderer } from '../../render/index.js';

const HUB = path.resolve(import.meta.dirname, '../../dist/hub/main.js');
const PINS = { 17: 'rst', 25: 'dc', 24: 'busy', 18: 'pwr', 8: 'cs-m' } as const;
/** A refresh takes 84 ms instead of 4.2 s. */
const GLASS_SPEED = 50;
const POLL_MS = 20;

const DisplaysSchema = z.object({ displays: z.array(z.object({ displayId: z.string() })) });
const AcceptedSchema = z.object({ presentationId: z.string() });
const PresentationSchema = z.object({ state: z.string(), frameSha256: z.string().nullable() });

const test = base.extend<{ dataDir: string; hub: { url: string; glass: SimPanel; kernel: FakeKernel } }>({
  dataDir: async ({ task: _ }, use) => {
    const dir = await mkdtemp(path.join(tmpdir(), 'inklet-linux-hub-'));
    await use(dir);
    await rm(dir, { recursive: true, force: true });
  },
  hub: async ({ dataDir }, use) => {
    const clock = scaledClock(systemClock, GLASS_SPEED);
    const glass = new SimPanel({ width: 800, height: 480, clock });
    const kernel = new FakeKernel({ board: 'pi-5, kernel 6.6.47', panel: { port: glass, pins: PINS } });
    const { spiHz } = panelSpec('7in5_V2');
    const panel = await openLinuxPanel({ wiring: 'waveshare', spiHz, syscalls: kernel });
    const hub = createHub({
      config: readConfig({ INKLET_DATA_DIR: dataDir, INKLET_PORT: '0' }),
      version: '0.1.0',
      panel,
      identity: undefined,
      keyStore: new KeyStore({ dir: path.join(dataDir, 'identity') }),
      openLink: async () => {
        throw new HubError('link.down', 'this hub has no cloud');
      },
      startRenderer: async () => startRenderer({ cacheDir: path.join(dataDir, 'fonts') }),
      frameToPng,
      fetch,
      reboot: async () => undefined,
      rssBytes: () => 0,
      temperatureC: async () => null,
      roomTemperatureC: async () => undefined,
      clock,
      random: () => 0.5,
      newId: () => v7(),
      randomBytes: (size) => new Uint8Array(size),
      addressOf: (host) => host,
      newEpoch: () => '00'.repeat(16),
      log: pino({ level: 'silent' }),
    });
    const { url } = await hub.start();
    await use({ url, glass, kernel });
    await hub.stop();
    await panel.close();
    expect(kernel.openFiles).toBe(0);
  },
});

test('a text on the hub of a Raspberry Pi 5 reaches the glass through spidev and gpiochip', {
  timeout: 60_000,
}, async ({ hub: { url, glass, kernel }, signal }) => {
  const { displays } = DisplaysSchema.parse(await (await fetch(`${url}/api/displays`)).json());
  const contents = `${url}/api/displays/${displays[0]?.displayId}/contents`;
  const body = JSON.stringify({ text: 'Bread rises at seven' });
  const sent = await fetch(contents, { method: 'POST', body, headers: { 'content-type': 'application/json' } });
  const { presentationId } = AcceptedSchema.parse(await sent.json());
  const look = async () => {
    return PresentationSchema.parse(await (await fetch(`${url}/api/presentations/${presentationId}`)).json());
  };
  while (!['confirmed', 'failed'].includes((await look()).state)) await systemClock.sleep(POLL_MS, signal);
  expect(await look()).toEqual({ state: 'confirmed', frameSha256: glass.glass.frame().sha256 });
  expect(kernel.messages.length).toBeGreaterThan(12);
});

test('a hub on a machine without SPI says in one line what to switch on', async ({ dataDir }) => {
  const env = { PATH: '/usr/bin:/bin', INKLET_DATA_DIR: dataDir, INKLET_SPI_DEVICE: '/dev/spidev99.9' };
  const hub = spawn(process.execPath, [HUB], { env, stdio: ['ignore', 'ignore', 'pipe'] });
  const [said, [exitCode]] = await Promise.all([text(hub.stderr), once(hub, 'exit')]);
  expect(said).toMatch(/^linux\.no-device: \/dev\/spidev99\.9: [^\n]*dtparam=spi=on[^\n]*\n$/);
  expect(exitCode).toBe(1);
});
