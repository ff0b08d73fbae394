import fc from 'fast-check';
import { expect, test } from 'vitest';
import { bitsPerPixelFor, type Frame, frameOf, rowBytes } from './frame.js';
import type { PanelSpec } from './panel-spec.js';
import { PANELS, panelSpec } from './panels.js';
import { type GlassHistory, type RefreshChoice, RefreshPolicy, UNKNOWN_GLASS } from './refresh-policy.js';

const HOUR_MS = 3_600_000;
const NOW_MS = 1_767_225_600_000;
const spec = panelSpec('7in5_V2');
const policy = new RefreshPolicy(spec);

/** A frame in which so many of its 48,000 bytes are black. */
function frame(blackBytes: number): Frame {
  return frameOf(new Uint8Array(48_000).fill(0xff).fill(0, 0, blackBytes), { width: 800, height: 480, inkCount: 2 });
}

const WHITE = frame(0);
const CLEAN: GlassHistory = {
  frame: WHITE,
  partialsSinceFull: 0,
  lastFullAtMs: NOW_MS - HOUR_MS,
  lastRefreshAtMs: NOW_MS - HOUR_MS,
};

test.each<[string, GlassHistory, Frame, Pick<RefreshChoice, 'mode' | 'reason'>]>([
  ['unknown glass', UNKNOWN_GLASS, WHITE, { mode: 'full', reason: 'glass-unknown' }],
  ['glass after a failed refresh', { ...CLEAN, frame: undefined }, WHITE, { mode: 'full', reason: 'glass-unknown' }],
  ['a small change', CLEAN, frame(100), { mode: 'partial', reason: 'small-change' }],
  ['a quarter of the glass', CLEAN, frame(12_000), { mode: 'partial', reason: 'small-change' }],
  ['more than a quarter', CLEAN, frame(12_001), { mode: 'fast', reason: 'large-change' }],
  ['no change', CLEAN, WHITE, { mode: 'partial', reason: 'no-change' }],
  [
    'no change with the ghost budget spent',
    { ...CLEAN, partialsSinceFull: 10 },
    WHITE,
    { mode: 'partial', reason: 'no-change' },
  ],
  ['the ghost budget spent', { ...CLEAN, partialsSinceFull: 10 }, frame(1), { mode: 'full', reason: 'ghost-budget' }],
  [
    'a day since the last full',
    { ...CLEAN, lastFullAtMs: NOW_MS - 24 * HOUR_MS },
    frame(1),
    { mode: 'full', reason: 'daily-full' },
  ],
  ['a wall clock set back', { ...CLEAN, lastFullAtMs: NOW_MS + 1 }, frame(1), { mode: 'full', reason: 'daily-full' }],
])('%s', (_what, glass, next, choice) => {
  expect(policy.choose(next, glass, NOW_MS)).toMatchObject(choice);
});

test('a message right after another is shown at once, and is said to be early', () => {
  const glass = { ...CLEAN, lastRefreshAtMs: NOW_MS - 179_999 };
  expect(policy.choose(frame(1), glass, NOW_MS)).toMatchObject({ mode: 'partial', early: true });
  expect(policy.choose(frame(1), glass, NOW_MS + 1)).toMatchObject({ early: false });
});

test('a panel without fast and partial refresh gets full ones', () => {
  const { fast: _, partial: __, ...bare } = spec;
  const slow: PanelSpec = bare;
  expect(new RefreshPolicy(slow).choose(frame(1), CLEAN, NOW_MS)).toMatchObject({
    mode: 'full',
    reason: 'large-change',
  });
});

test.each([
  ['the smallest changes', 1, 30],
  ['changes of an eighth of the glass', 6_000, 20],
  ['changes of a quarter of the glass', 12_000, 10],
])('after %s comes a full refresh, which starts the count again', (_what, bytes, partials) => {
  let glass = UNKNOWN_GLASS;
  const modes = Array.from({ length: 2 * partials + 3 }, (_, at) => {
    const next = at % 2 === 0 ? frame(0) : frame(bytes);
    const { mode } = policy.choose(next, glass, NOW_MS + at);
    glass = policy.after({ mode }, next, glass, NOW_MS + at);
    return mode;
  });
  expect(modes.flatMap((mode, at) => (mode === 'full' ? [at] : []))).toEqual([0, partials + 1, 2 * partials + 2]);
});

test('a history that counts partial refreshes alone is read as if each had been large', () => {
  const { ghostSpent: _, ...old } = { ...CLEAN, partialsSinceFull: 10 };
  expect(policy.choose(frame(1), old, NOW_MS)).toMatchObject({ mode: 'full', reason: 'ghost-budget' });
});

test('glass of colours is left alone for 180 s, glass of two inks is not', () => {
  const colours = new RefreshPolicy(panelSpec('7in3e'));
  const shown = { lastRefreshAtMs: NOW_MS };
  expect(colours.restMs(shown, NOW_MS + 1_000)).toBe(179_000);
  expect(colours.restMs(shown, NOW_MS + 180_000)).toBe(0);
  expect(colours.restMs(shown, NOW_MS - 1)).toBe(0);
  expect(policy.restMs(shown, NOW_MS + 1_000)).toBe(0);
});

test.each([
  [-1, 'full', 'too-cold'],
  [5, 'full', undefined],
  [22, 'partial', undefined],
  [45, 'full', undefined],
  [51, 'full', 'too-hot'],
])('at %d C a small change is a %s refresh, and is held if %s', (temperatureC, mode, hold) => {
  expect(policy.choose(frame(1), CLEAN, NOW_MS, { temperatureC })).toMatchObject({ mode, hold });
});

test('the glass is wiped at night if partial refreshes left something, and once a day anyway', () => {
  const used = { ...CLEAN, partialsSinceFull: 1 };
  expect(policy.upkeep(used, NOW_MS, { localHour: 3 })).toMatchObject({ mode: 'full', reason: 'night-wipe' });
  expect(policy.upkeep(used, NOW_MS, { localHour: 5 })).toBeUndefined();
  expect(policy.upkeep(CLEAN, NOW_MS, { localHour: 3 })).toBeUndefined();
  expect(policy.upkeep(CLEAN, NOW_MS + 2 * HOUR_MS, { localHour: 3 })).toMatchObject({ reason: 'daily-full' });
  expect(policy.upkeep(CLEAN, NOW_MS + 22 * HOUR_MS, { localHour: 12 })).toBeUndefined();
  expect(policy.upkeep(CLEAN, NOW_MS + 24 * HOUR_MS, {})).toMatchObject({ mode: 'full', reason: 'daily-full' });
  expect(policy.upkeep(UNKNOWN_GLASS, NOW_MS, { localHour: 3 })).toBeUndefined();
});

test('no sequence of requests breaks a rule of a panel', () => {
  const request = fc.record({
    panel: fc.constantFrom(...Object.keys(PANELS)),
    steps: fc.array(
      fc.record({
        ink: fc.nat(255),
        bytes: fc.nat(40),
        laterMs: fc.oneof(fc.nat(1_000), fc.nat(200_000), fc.nat(20 * HOUR_MS)),
        temperatureC: fc.option(fc.integer({ min: -10, max: 60 }), { nil: undefined }),
        localHour: fc.nat(23),
      }),
      { maxLength: 60 },
    ),
  });
  fc.assert(
    fc.property(request, ({ panel, steps }) => {
      const row: PanelSpec = { ...panelSpec(panel), width: 32, height: 8 };
      const { limits } = row;
      const rules = new RefreshPolicy(row);
      let glass = UNKNOWN_GLASS;
      let nowMs = NOW_MS;
      let spent = 0;
      let last = frameOf(new Uint8Array(rowBytes(32, bitsPerPixelFor(row.inks.length)) * 8), {
        ...row,
        inkCount: row.inks.length,
      });
      for (const { ink, bytes, laterMs, temperatureC, localHour } of steps) {
        nowMs += laterMs;
        const next = frameOf(
          last.data.map((byte, at) => (at < bytes ? ink : byte)),
          { ...row, inkCount: row.inks.length },
        );
        const upkeep = rules.upkeep(glass, nowMs, { localHour, temperatureC });
        const choice = upkeep ?? rules.choose(next, glass, nowMs, { temperatureC });
        const shown = upkeep === undefined ? next : (glass.frame ?? next);
        if (choice.hold !== undefined) continue;
        const { fast, any } = limits.temperatureC;
        const inside = ({ from, to }: { from: number; to: number }): boolean =>
          temperatureC === undefined || (temperatureC >= from && temperatureC <= to);
        expect(inside(any)).toBe(true);
        if (choice.reason === 'no-change') continue;
        if (choice.mode !== 'full') expect(inside(fast)).toBe(true);
        expect(row[choice.mode]).toBeDefined();
        if (glass.lastRefreshAtMs !== undefined) {
          expect(nowMs - glass.lastRefreshAtMs).toBeGreaterThanOrEqual(limits.minIntervalMs);
        }
        if (choice.mode !== 'full') expect(nowMs - (glass.lastFullAtMs ?? 0)).toBeLessThan(limits.fullEveryMs);
        spent = choice.mode === 'full' ? 0 : spent + (choice.mode === 'partial' ? 1 : 0);
        expect(spent).toBeLessThanOrEqual(limits.partialsPerFull * 3);
        glass = rules.after(choice, shown, glass, nowMs);
        expect(glass.ghostSpent ?? 0).toBeLessThanOrEqual(limits.partialsPerFull + 1e-6);
        last = shown;
      }
    }),
    { numRuns: 300 },
  );
});

test('a frame that was already there and a fast refresh cost no ghost budget', () => {
  expect(policy.after({ mode: 'partial' }, WHITE, CLEAN, NOW_MS)).toEqual(CLEAN);
  expect(policy.after({ mode: 'fast' }, frame(48_000), CLEAN, NOW_MS)).toMatchObject({
    partialsSinceFull: 0,
    lastFullAtMs: CLEAN.lastFullAtMs,
    lastRefreshAtMs: NOW_MS,
  });
});
