import type { Box } from '../frame/box.js';
import type { Sheet } from '../frame/sheet.js';
import type { RenderTarget } from '../input.js';
import type { RenderWarningCode } from '../rendered.js';
import type { TextBlock } from '../text/text-block.js';
import type { Element } from './element.js';
import type { InkPicker } from './ink-picker.js';
import type { Placed } from './layout.js';
import type { Letters } from './letters.js';

/** What every element of one scene is drawn with. */
export type Drawing = {
  readonly sheet: Sheet;
  readonly target: RenderTarget;
  /** Gives the scene up. */
  readonly signal: AbortSignal | undefined;
  readonly inks: InkPicker;
  readonly assets: Readonly<Record<string, Uint8Array>>;
  /** The shorter side of the sheet, in pixels. */
  readonly unitPx: number;
  readonly lang: string | undefined;
  readonly setLetters: (asked: TextBlock) => Promise<Letters>;
  /** Each text as it was set into its box. */
  readonly letters: ReadonlyMap<Element, Letters>;
  readonly warn: (code: RenderWarningCode, path: string, message: string) => void;
};

/** Where an element goes, and the ink of the area behind it. */
export type Spot = Placed & { readonly behind: number };

/** Stamps set letters, cut at the edge of the box. */
export function stampLetters(
  { sheet }: Pick<Drawing, 'sheet'>,
  { masks }: Letters,
  box: Box,
  top: number,
  ink: number,
): void {
  for (const mask of masks) sheet.stamp(mask.mask, box.x + mask.left, top + mask.top, ink, box);
}
