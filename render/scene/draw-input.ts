import { profileFor } from '../dither/profile.js';
import { RenderError } from '../errors.js';
import type { RenderInput, RenderTarget } from '../input.js';
import { prepareDrawing } from '../prepare.js';
import type { Rendered } from '../rendered.js';
import { buildScreen } from '../screens/build-screen.js';
import type { Assets } from '../screens/define-screen.js';
import { buildPage } from '../screens/page/page.js';
import { drawScene } from './draw-scene.js';
import type { Scene } from './schema.js';

/** What the input shows on the target. */
export async function drawInput(input: RenderInput, target: RenderTarget, signal?: AbortSignal): Promise<Rendered> {
  await prepareDrawing();
  // Also where no picture asks for it: a name that is wrong is told at once, not by the first photo.
  if (target.profile !== undefined) profileFor(target.inks, target.profile);
  switch (input.kind) {
    case 'scene':
      return await drawScene(input.scene, input.assets, target, signal);
    case 'screen':
      return await drawScreen(input, target, signal);
    case 'page': {
      const { scene, assets } = await buildPage(input.page, target);
      return await drawOurs(scene, assets, target, signal);
    }
    case 'claim-code':
    case 'claim-asked':
    case 'identify':
    case 'bound': {
      const { kind: name, ...data } = input;
      return await drawScreen({ name, data }, target, signal);
    }
  }
}

async function drawScreen(
  { name, data, assets: given }: { name: string; data: unknown; assets?: Assets },
  target: RenderTarget,
  signal: AbortSignal | undefined,
): Promise<Rendered> {
  const { scene, assets, unread } = buildScreen(name, data, target, given);
  const { frame, warnings } = await drawOurs(scene, assets, target, signal);
  if (unread === 0) return { frame, warnings };
  const message = `${unread} parts of the data could not be read`;
  return { frame, warnings: [...warnings, { code: 'render.data-unread', message, path: 'data' }] };
}

/** Draws a scene that the sender of the content never saw: what is wrong is told of the content, without a path. */
async function drawOurs(
  scene: Scene,
  assets: Assets,
  target: RenderTarget,
  signal: AbortSignal | undefined,
): Promise<Rendered> {
  try {
    return await drawScene(scene, assets, target, signal);
  } catch (error) {
    throw error instanceof RenderError && error.cause instanceof RenderError ? error.cause : error;
  }
}
