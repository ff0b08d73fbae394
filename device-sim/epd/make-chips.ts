import { Ac073Chip } from './ac073-chip.js';
import type { ChipOptions, GlassPart } from './chip.js';
import { type ChipFamily, ControllerChip } from './controller-chip.js';
import type { Glass } from './glass.js';
import { RefreshRules } from './refresh-rules.js';
import { Ssd168xChip } from './ssd168x-chip.js';
import { Uc8179Chip } from './uc8179-chip.js';

/** The chips behind a panel's connector, the master first. */
export function makeChips(options: ChipOptions & { glass: Glass; framing: 'cs' | 'dc' }): readonly ControllerChip[] {
  const { model, glass, onRefresh } = options;
  const { ssd, colour } = model;
  if (ssd !== undefined) return [make(options, (chip) => new Ssd168xChip(options, ssd, chip))];
  if (colour === undefined) return [make(options, (chip) => new Uc8179Chip(options, chip))];
  const whole = { width: glass.width, height: glass.height };
  if (model.chip !== 'ac073-pair') {
    const role = { whole, inPair: false, framedByCs: false };
    return [make(options, (chip) => new Ac073Chip(options, colour, role, chip))];
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
    return make(shifted, (chip) => new Ac073Chip(shifted, colour, role, chip));
  });
}

function make(options: ChipOptions, family: (chip: ControllerChip) => ChipFamily): ControllerChip {
  return new ControllerChip(options, new RefreshRules(options), family);
}

function partOf(glass: Glass, left: number, width: number): GlassPart {
  return {
    width,
    height: glass.height,
    shownAt: (x, y) => glass.shownAt(x + left, y),
    drive: (region, target, how) => glass.drive({ ...region, x: region.x + left }, (x, y) => target(x - left, y), how),
  };
}
