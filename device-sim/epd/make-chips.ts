import { Ac073Chip } from './ac073-chip.js';
import type { Chip, ChipOptions, GlassPart } from './chip.js';
import type { Glass } from './glass.js';
import { RefreshRules } from './refresh-rules.js';
import { Ssd168xChip } from './ssd168x-chip.js';
import { Uc8179Chip } from './uc8179-chip.js';

/** The chips behind a panel's connector, the master first. */
export function makeChips(
  options: ChipOptions & { glass: Glass; framing: 'cs' | 'dc' },
  ambientC: () => number,
): readonly Chip[] {
  const { model, glass, onRefresh } = options;
  const rules = new RefreshRules(options, ambientC);
  const { ssd, colour } = model;
  if (ssd !== undefined) return [new Ssd168xChip(options, ssd, rules)];
  if (colour === undefined) return [new Uc8179Chip(options, rules)];
  const whole = { width: glass.width, height: glass.height };
  if (model.chip !== 'ac073-pair') {
    return [new Ac073Chip(options, colour, { whole, inPair: false, framedByCs: false }, rules)];
  }
  const width = glass.width / 2;
  return [0, width].map((left) => {
    const shifted: ChipOptions = {
      ...options,
      glass: partOf(glass, left, width),
      ...(onRefresh === undefined
        ? {}
        : { onRefresh: (refresh) => onRefresh({ ...refresh, window: { ...refresh.window, x: left } }) }),
    };
    const role = { whole, inPair: true, framedByCs: options.framing === 'cs' };
    return new Ac073Chip(shifted, colour, role, new RefreshRules(shifted, ambientC));
  });
}

function partOf(glass: Glass, left: number, width: number): GlassPart {
  return {
    width,
    height: glass.height,
    drive: (region, target, how) => glass.drive({ ...region, x: region.x + left }, (x, y) => target(x - left, y), how),
  };
}
