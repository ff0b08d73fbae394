import { bitsPerPixelFor, type Frame } from '../../hardware/index.js';
import { HubError } from '../errors.js';
import type { PanelGeometry } from '../reports/display-states.js';
import type { Blobs } from '../storage/blobs.js';
import type { Displays } from '../storage/displays.js';

export type GlassPicturesDeps = {
  displays: Pick<Displays, 'get'>;
  frames: Pick<Blobs, 'get'>;
  geometryOf: (panel: string) => PanelGeometry | undefined;
  toPng: (frame: Frame, inks: readonly string[]) => Promise<Uint8Array>;
};

type Picture = { png: Uint8Array; sha256: string };

/** What a display shows, as a picture for a browser. */
export class GlassPictures {
  readonly #deps: GlassPicturesDeps;
  readonly #latest = new Map<string, Picture>();

  constructor(deps: GlassPicturesDeps) {
    this.#deps = deps;
  }

  /** @throws HubError `display.unknown`, `display.empty`, `storage.damaged-blob` */
  async png(displayId: string): Promise<Picture> {
    const { displays, frames, geometryOf, toPng } = this.#deps;
    const row = displays.get(displayId);
    const geometry = row === undefined ? undefined : geometryOf(row.panel);
    if (row === undefined || geometry === undefined) {
      throw new HubError('display.unknown', `this hub has no display ${displayId}`);
    }
    const sha256 = row.frameSha256;
    if (sha256 === null) throw new HubError('display.empty', `display ${displayId} has shown nothing yet`);
    const latest = this.#latest.get(displayId);
    if (latest?.sha256 === sha256) return latest;
    const data = await frames.get(sha256);
    if (data === undefined) throw new HubError('storage.damaged-blob', `frame ${sha256} is lost`);
    const { width, height, inks } = geometry;
    const png = await toPng({ width, height, bitsPerPixel: bitsPerPixelFor(inks.length), data, sha256 }, inks);
    const picture = { png, sha256 };
    this.#latest.set(displayId, picture);
    return picture;
  }
}
