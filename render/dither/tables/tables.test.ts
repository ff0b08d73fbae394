import { expect, test } from 'vitest';
import { profileFor } from '../profile.js';
import { PROFILES } from '../profiles.js';
import { buildTables } from './build-tables.js';
import { ciede2000 } from './ciede2000.js';
import { inkMixer, lightOf } from './ink-mixer.js';
import { readTables } from './stored-tables.js';
import { voidAndCluster } from './void-and-cluster.js';

const TONES = ['lightness', 'light'] as const;

test('the build has laid down the tables of every profile in its own tone', () => {
  for (const profile of PROFILES) expect(readTables(profile, profile.tone), profile.id).toBeDefined();
});

test.each(TONES)('tables computed here are those that the build computed: %s', (tone) => {
  const profile = profileFor(['black', 'white']);
  expect(buildTables(profile, tone)).toEqual(Uint8Array.from(readTables(profile, tone) ?? []));
});

test('tables of a profile that has changed since are not taken', () => {
  const profile = profileFor(['black', 'white', 'red']);
  if (profile.kind !== 'colour') throw new TypeError('red is a colour');
  expect(readTables({ ...profile, colours: { ...profile.colours, red: [121, 15, 5] } }, profile.tone)).toBeUndefined();
});

test('the mask holds every rank once, and those below a limit keep away from each other', () => {
  const mask = voidAndCluster(16);
  expect([...mask].sort((a, b) => a - b)).toEqual(Array.from({ length: 256 }, (_, rank) => rank));
  const first = [...mask.keys()].filter((at) => (mask[at] ?? 0) < 16);
  for (const one of first) {
    for (const other of first) {
      if (one === other) continue;
      const across = Math.abs((one % 16) - (other % 16));
      const down = Math.abs(Math.floor(one / 16) - Math.floor(other / 16));
      expect(Math.min(across, 16 - across) + Math.min(down, 16 - down)).toBeGreaterThan(1);
    }
  }
});

test('a colour within reach is mixed exactly, one without as near as can be', () => {
  const inks = [
    [0, 0, 0],
    [1, 1, 1],
    [0.5, 0, 0],
    [0, 0.5, 0],
    [0, 0, 0.5],
  ] as const;
  const mixOf = inkMixer(inks);
  const [red, green, blue] = lightOf(mixOf([0.4, 0.3, 0.35]), inks);
  expect([red, green, blue]).toEqual([expect.closeTo(0.4), expect.closeTo(0.3), expect.closeTo(0.35)]);
  const mix = mixOf([1, 0, 0]);
  expect(mix.reduce((sum, share) => sum + share, 0)).toBeCloseTo(1);
  expect(mix.indexOf(Math.max(...mix))).toBe(2);
});

test('colour differences are those of the test data that came with the formula', () => {
  // G. Sharma and others, "The CIEDE2000 color-difference formula", 2005, pairs 1, 7, 17 and 25.
  expect(ciede2000([50, 2.6772, -79.7751], [50, 0, -82.7485])).toBeCloseTo(2.0425, 4);
  expect(ciede2000([50, 0, 0], [50, -1, 2])).toBeCloseTo(2.3669, 4);
  expect(ciede2000([50, 2.5, 0], [73, 25, -18])).toBeCloseTo(27.1492, 4);
  expect(ciede2000([60.2574, -34.0099, 36.2677], [60.4626, -34.1751, 39.4387])).toBeCloseTo(1.2644, 4);
});
