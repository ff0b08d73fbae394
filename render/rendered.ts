import type { Frame } from '../hardware/index.js';

/**
 * What of a frame may disappoint whoever reads it, though it was drawn.
 *
 * - `render.text-cut`: a text did not fit and ends in an ellipsis.
 * - `render.text-too-small`: letters are smaller than can be read from where people stand.
 * - `render.glyph-missing`: no font has one of the characters of a text.
 * - `render.overflow`: an element got less room than it needs.
 * - `render.data-unread`: part of a screen's data, such as events of a calendar, could not be read and is left out.
 */
export type RenderWarningCode =
  | 'render.text-cut'
  | 'render.text-too-small'
  | 'render.glyph-missing'
  | 'render.overflow'
  | 'render.data-unread';

/** The message gives sizes, never what a text says; `path` names the element, such as `root.children[2]`. */
export type RenderWarning = { code: RenderWarningCode; message: string; path: string };

export type Rendered = { frame: Frame; warnings: readonly RenderWarning[] };
