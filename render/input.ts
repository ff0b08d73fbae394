import type { DitherMode } from './dither/dither.js';
import type { Scene } from './scene/schema.js';

/** The panel to draw for: pixels as a person sees them, and its inks in the order of their index. */
export type RenderTarget = {
  width: number;
  height: number;
  inks: readonly string[];
  /** Which measurement of its inks to trust; left out, the usual one for these inks. */
  profile?: string;
  /** How pictures are dithered that do not say; left out, `normal`. */
  mode?: DitherMode;
  /** Pixels an inch, and from how far it is read: what letters must not fall under. */
  ppi?: number;
  viewingDistanceMm?: number;
};

/** To which side words keep; `start` is the side where their script begins. */
export type Align = 'start' | 'centre' | 'end';

/** `fit` shows a picture whole, `fill` crops it to its whole place. */
export type Fit = 'fit' | 'fill';

/** What a household wants to read; `pictures` are encoded files (PNG, JPEG, GIF, WebP, AVIF, TIFF, SVG), shown in order. */
export type PageContent = {
  title: string | null;
  text: string | null;
  align: Align;
  /** What a QR code beside the text says. */
  qr: string | null;
  fit: Fit;
  pictures: readonly Uint8Array[];
};

/** What render can draw. */
export type RenderInput =
  | { kind: 'page'; page: PageContent }
  | { kind: 'scene'; scene: Scene; assets: Readonly<Record<string, Uint8Array>> }
  /** A screen of ours by its name; its data is read by the schema of the screen. */
  | { kind: 'screen'; name: string; data: unknown; assets?: Readonly<Record<string, Uint8Array>> }
  | { kind: 'claim-code'; code: string; url: string; word: string }
  | { kind: 'claim-asked'; householdName: string; word: string }
  | { kind: 'identify'; displayName: string; hubName: string; panel: string }
  | { kind: 'bound'; householdName: string };
