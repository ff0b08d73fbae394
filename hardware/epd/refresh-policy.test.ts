import { expect, test } from 'vitest';
import { type Frame, frameOf } from './frame.js';
import type { PanelSpec } from './panel-spec.js';
import { panelSpec } from './panels.js';
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

test('ten partial refreshes are followed by a full one, which starts the count again', () => {
  let glass = UNKNOWN_GLASS;
  const modes = Array.from({ length: 23 }, (_, at) => {
    const next = frame(at);
    const { mode } = policy.choose(next, glass, NOW_MS + at);
    glass = policy.after({ mode }, next, glass, NOW_MS + at);
    return mode;
  });
  expect(modes.flatMap((mode, at) => (mode === 'full' ? [at] : []))).toEqual([0, 11, 22]);
});

test('a frame that was already there and a fast refresh cost no ghost budget', () => {
  expect(policy.after({ mode: 'partial' }, WHITE, CLEAN, NOW_MS)).toEqual(CLEAN);
  expect(policy.after({ mode: 'fast' }, frame(48_000), CLEAN, NOW_MS)).toMatchObject({
    partialsSinceFull: 0,
    lastFullAtMs: CLEAN.lastFullAtMs,
    lastRefreshAtMs: NOW_MS,
  });
});
