import { expect } from 'vitest';
import { SimPanel } from '../../device-sim/epd/sim-panel.js';
import { VirtualClock } from '../../device-sim/virtual-clock.js';
import { Epd, panelSpec, RefreshPolicy } from '../../hardware/index.js';
import { WiredDisplay } from '../../hub/display/wired-display.js';
import { LocalTime } from '../../hub/local-time.js';
import { openStore } from '../../hub/storage/store.js';
import { test as base, PAGE, SILENT, settle } from '../support/hub-site.js';
import { noise } from '../support/noise.js';

const PANEL = '7in3e';
const SECOND_MS = 1_000;
const HOUR_MS = 3_600_000;
const LIMIT_MS = 60_000;

const test = base.extend('home', async ({ dir }, { onCleanup }) => {
  const spec = panelSpec(PANEL);
  const clock = new VirtualClock();
  const panel = new SimPanel({ panel: PANEL, clock, strictness: 'strict', maxTransferBytes: 65_536 });
  const newEpoch = () => '0'.repeat(32);
  let ids = 0;
  const newId = () => {
    ids += 1;
    return `01890000-0000-7000-8000-${`${ids}`.padStart(12, '0')}`;
  };
  const kept = new Map<string, Uint8Array>();
  const frames = { get: async (sha256: string) => kept.get(sha256), put: async (_: Uint8Array) => '' };
  const time = new LocalTime('Europe/Berlin');
  const running: (() => Promise<void>)[] = [];
  /** A hub's display as a process that has just been started would build it. */
  const start = async () => {
    const store = await openStore({ dataDir: dir, clock, newId, newEpoch, log: SILENT });
    const { displays, ledger, presentations } = store;
    const { displayId } = displays.ensure(PANEL, { displayId: newId(), name: spec.name, atMs: clock.now() });
    const draw = async (seed: number) => {
      const frame = noise(seed, { ...spec, inks: spec.inks.length });
      kept.set(frame.sha256, frame.data);
      return { ok: true, frame, renderedMs: clock.now(), stored: Promise.resolve() } as const;
    };
    const display = new WiredDisplay({
      displayId,
      panel: spec,
      epd: new Epd({ spec, port: panel, clock }),
      policy: new RefreshPolicy(spec),
      preparer: { page: ({ text }) => draw(Number(text)), screen: () => draw(0) },
      frames,
      displays,
      ledger,
      roomTemperatureC: async () => undefined,
      localHour: () => time.hour(clock.now()),
      clock,
      random: () => 1,
      log: SILENT,
    });
    for (const presentation of presentations.open()) display.take(presentation);
    display.start();
    const ask = (presentationId: string, seed: number) => {
      const page = { ...PAGE, text: String(seed) };
      ledger.accept({ presentationId, displayId, cmdId: null, origin: 'local', page, askedMs: clock.now() });
      display.take({ presentationId, page });
    };
    const stop = async () => {
      await display.stop();
      store.database.close();
    };
    running.push(stop);
    return { ask, stop, presentations };
  };
  onCleanup(async () => {
    await running.at(-1)?.();
    await panel.stop();
  });
  /** Lets so much time pass, a step at a time. */
  const pass = async (ms: number, stepMs: number) => {
    for (let passedMs = 0; passedMs < ms; passedMs += stepMs) {
      await settle();
      await clock.advance(stepMs);
    }
    await settle();
  };
  return { clock, panel, time, start, pass };
});

test('three messages within a minute and a restart: the last comes when the glass has rested, then a wipe each night', {
  timeout: LIMIT_MS,
}, async ({ home: { clock, panel, time, start, pass } }) => {
  const hub = await start();
  hub.ask('first', 1);
  await pass(40 * SECOND_MS, SECOND_MS);
  expect(hub.presentations.get('first')?.state).toBe('confirmed');
  hub.ask('second', 2);
  await pass(5 * SECOND_MS, SECOND_MS);
  hub.ask('third', 3);
  await pass(5 * SECOND_MS, SECOND_MS);
  await hub.stop();
  const again = await start();
  expect(again.presentations.get('second')?.state).toBe('superseded');
  await pass(120 * SECOND_MS, SECOND_MS);
  expect(panel.refreshes).toHaveLength(1);
  await pass(60 * SECOND_MS, SECOND_MS);
  expect(again.presentations.get('third')?.state).toBe('confirmed');
  const shown = panel.glass.frame().sha256;
  expect(shown).toBe(noise(3, { width: 800, height: 480, inks: 6 }).sha256);

  const endedAt: number[] = [];
  for (let step = 0; step < 3 * 24 * 6; step += 1) {
    const before = panel.refreshes.length;
    await pass(HOUR_MS / 6, HOUR_MS / 6);
    if (panel.refreshes.length > before) endedAt.push(time.hour(clock.now()));
  }
  expect(endedAt).toEqual([4, 2, 2]);
  expect(panel.glass.frame().sha256).toBe(shown);
  expect(panel.lint.faults).toEqual([]);
  await again.stop();
});
