import { RenderError, type RenderErrorCode, type Renderer } from '../../render/index.js';
import { CloudError } from '../errors.js';

/** Says what is wrong with a picture's bytes; undefined when render can show it. */
export type PictureCheck = (bytes: Uint8Array) => Promise<string | undefined>;

/** What the picture is to blame for; anything else is ours. */
const BLAMES_THE_PICTURE: readonly RenderErrorCode[] = [
  'render.picture-unknown-format',
  'render.picture-too-many-bytes',
  'render.picture-too-many-pixels',
  'render.picture-broken',
  'render.timeout',
  'render.out-of-memory',
  'render.failed',
];

/** Small, so that the check costs little more than reading the file to its end. */
const PROBE = { width: 128, height: 128, inks: ['black', 'white'] } as const;

/** Reads each picture once to its end when it arrives, so that nobody waits for a hub to find that it cannot. */
export function checkPicturesWith(renderer: Pick<Renderer, 'render'>): PictureCheck {
  return async (bytes) => {
    const page = { title: null, text: null, align: 'centre', qr: null, fit: 'fit', pictures: [bytes] } as const;
    try {
      await renderer.render({ kind: 'page', page }, PROBE);
      return undefined;
    } catch (error) {
      if (error instanceof RenderError && BLAMES_THE_PICTURE.includes(error.code)) return error.message;
      throw new CloudError('processing_unavailable', 'The picture cannot be checked now.', {}, { cause: error });
    }
  };
}
