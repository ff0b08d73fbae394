import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { test as base, expect } from 'vitest';
import { SimPanel } from '../../device-sim/epd/sim-panel.js';
import { serveHardware } from '../../device-sim/hardware-socket-server.js';
import { scaledClock } from '../../device-sim/index.js';
import { panelSpec, systemClock } from '../../hardware/index.js';
import { drawTestCard } from '../../hub/panel-test/test-card.js';
import { packFrame, renderFrame, unpackFrame } from '../../render/index.js';

const COMMAND = path.resolve(import.meta.dirname, '../../dist/hub/panel-test/main.js');
/** A partial refresh takes 22 ms instead of 435: long enough to be seen by a process on a busy machine. */
const GLASS_SPEED = 20;

const test = base.extend<{ glass: SimPanel; socket: string }>({
  glass: async ({ task: _ }, use) => {
    const glass = new SimPanel({ width: 800, height: 480, clock: scaledClock(systemClock, GLASS_SPEED) });
    await use(glass);
    await glass.stop();
  },
  socket: async ({ glass }, use) => {
    const dir = await mkdtemp(path.join(tmpdir(), 'inklet-panel-test-'));
    const server = await serveHardware({ path: path.join(dir, 'hardware.sock'), panels: { '7in5_V2': glass } });
    await use(server.path);
    await server.stop();
    await rm(dir, { recursive: true, force: true });
  },
});

async function run(...args: string[]) {
  const command = spawn(process.execPath, [COMMAND, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  const [said, complained, [exitCode]] = await Promise.all([
    text(command.stdout),
    text(command.stderr),
    once(command, 'exit'),
  ]);
  return { said, complained, exitCode };
}

test('the test card is on the glass, and the counter has counted by partial refreshes', { timeout: 60_000 }, async ({
  glass,
  socket,
}) => {
  const result = await run('test', '--panel', '7in5_V2', '--socket', socket, '--partials', '2');
  expect(result).toMatchObject({ complained: '', exitCode: 0 });
  expect(result.said).toMatch(
    /^greys: grey refresh, .*\n0: full refresh, .*\n1: partial refresh, .*\n2: partial refresh, .* BUSY \d+ ms\n$/,
  );
  const deps = { panel: panelSpec('7in5_V2'), id: '7in5_V2', renderFrame, packFrame, unpackFrame };
  const card = await drawTestCard(deps);
  expect(glass.glass.frame().sha256).toBe((await card.withCount(2)).sha256);
  const commands = glass.trace.flatMap((step) => ('c' in step ? [step.c] : []));
  expect(commands.at(-1), 'deep sleep').toBe('07');
  expect(glass.lint.faults).toEqual([]);
});

test('without the hardware the command says what is missing, in one line', async () => {
  const args = ['test', '--spi', '/dev/spidev99.9'];
  const { complained, exitCode } = await run(...args);
  expect(complained).toMatch(/^linux\.no-device: [^\n]*dtparam=spi=on[^\n]*\n$/);
  expect(exitCode).toBe(1);
});

test('flags that make no sense are told by name', async () => {
  const { complained, exitCode } = await run('test', '--wiring', 'string', '--partials', '99');
  expect(complained).toMatch(/^config\.invalid: --wiring [^\n]*--partials [^\n]*\n$/);
  expect(exitCode).toBe(2);
});
