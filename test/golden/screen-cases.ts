import { readFileSync } from 'node:fs';
import path from 'node:path';
import { PANELS } from '../../hardware/index.js';
import { EXAMPLES_DIR, SCREEN_NAMES } from '../../render/index.js';
import type { GoldenCase } from './cases.js';

/** The panels on which every screen has a golden, the way a person hangs them, and the theme that is kept for each. */
const HUNG = [
  { panel: '2in13_V4', turned: true, theme: 'light' },
  { panel: '4in2_V2', turned: false, theme: 'dark' },
  { panel: '7in5_V2', turned: true, theme: 'light' },
  { panel: '7in3e', turned: false, theme: 'light' },
  { panel: '13in3e', turned: false, theme: 'light' },
] as const;

/** Every screen's example on five panels, small to large, in two and in six inks, lying and upright. */
export const SCREEN_CASES: readonly GoldenCase[] = SCREEN_NAMES.flatMap((name) =>
  HUNG.map(({ panel, turned, theme }) => {
    const { width, height, inks } = PANELS[panel];
    const size = turned ? { width: height, height: width } : { width, height };
    return {
      name: `${name}-${panel}`,
      input: { kind: 'screen' as const, name, data: exampleOf(name, theme) },
      target: { ...size, inks },
    };
  }),
);

function exampleOf(name: string, theme: string): unknown {
  const data: unknown = JSON.parse(readFileSync(path.join(EXAMPLES_DIR, `${name}.json`), 'utf8'));
  if (typeof data !== 'object' || data === null || !('settings' in data))
    throw new TypeError(`${name}.json has no settings`);
  return { ...data, settings: { ...Object(data.settings), theme } };
}
