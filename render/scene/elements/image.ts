import type { DitherMode } from '../../dither/dither.js';
import { dither } from '../../dither/dither.js';
import { RenderError } from '../../errors.js';
import { decodePicture } from '../../picture/decode.js';
import type { Drawing, Spot } from '../drawing.js';
import { badScene } from '../read-scene.js';
import type { ImageNode } from '../schema.js';

/**
 * Draws a picture into the middle of its box.
 * @throws `render.bad-scene` when the asset is not there, `render.picture-...`
 */
export async function drawImage(
  { sheet, target, assets, signal }: Drawing,
  node: ImageNode,
  { box, element }: Spot,
  mode: DitherMode | undefined,
): Promise<void> {
  const bytes = Object.hasOwn(assets, node.asset) ? assets[node.asset] : undefined;
  if (bytes === undefined) throw badScene(`${element.path}.asset`, `no asset is called ${JSON.stringify(node.asset)}`);
  if (box.width < 1 || box.height < 1) return;
  const picture = await decodePicture(bytes, { width: box.width, height: box.height }, node.fit ?? 'fit').catch(
    (error: unknown) => {
      if (!(error instanceof RenderError)) throw error;
      throw new RenderError(error.code, `${element.path}: ${error.message}`, { cause: error });
    },
  );
  const x = box.x + Math.floor((box.width - picture.width) / 2);
  const y = box.y + Math.floor((box.height - picture.height) / 2);
  const { inks, profile } = target;
  const how = { inks, profile, origin: { x, y }, mode: mode ?? target.mode, signal };
  sheet.lay(await dither(picture, how), x, y, box);
}
