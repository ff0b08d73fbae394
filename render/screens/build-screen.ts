import { RenderError } from '../errors.js';
import type { RenderTarget } from '../input.js';
import type { Assets, BuiltScreen } from './define-screen.js';
import { SCREEN_NAMES, SCREENS, type ScreenName } from './screens.js';

/**
 * Builds the scene of a screen from data as it came from outside.
 *
 * @param assets pictures that the data names
 * @throws `render.unknown-screen` naming those that there are, `render.bad-screen-data` naming the path
 */
export function buildScreen(
  name: string,
  data: unknown,
  target: Pick<RenderTarget, 'width' | 'height' | 'inks'>,
  assets: Assets = {},
): BuiltScreen {
  if (!isScreenName(name)) {
    throw new RenderError('render.unknown-screen', `no screen ${name}: there are ${SCREEN_NAMES.join(', ')}`);
  }
  return SCREENS[name].build(data, target, assets);
}

function isScreenName(name: string): name is ScreenName {
  return Object.hasOwn(SCREENS, name);
}
