import { ByteCache } from './byte-cache.js';
import { oneLine } from './clean.js';
import { hasGlyphs } from './coverage.js';
import { startsRightToLeft } from './directions.js';
import { drawStrips, type StripLine } from './draw-strip.js';
import type { RunStyle, TextRun } from './text-run.js';

/** Where a run's ink lies from its origin, x to the right and y down, and how far it advances. */
export type RunExtents = { advancePx: number; left: number; top: number; right: number; bottom: number };

export type FontMetrics = { ascentPx: number; descentPx: number; capHeightPx: number; xHeightPx: number };

const MOST_BYTES = 4 * 1024 ** 2;
/** What an entry weighs besides its pixels and its key. */
const ENTRY_BYTES = 150;
/** No sheet is as wide as this many of the narrowest letters, which take this share of the size. */
const MOST_RUN_PX = 8192;
const NARROW_LETTER = 0.2;

type Waiting = { line: StripLine; done: (run: TextRun) => void; failed: (error: unknown) => void };

/** Draws lines of text, remembers them, and draws those that are asked for together with one call of the library. */
export class Runs {
  readonly #runs: ByteCache<TextRun>;
  readonly #extents: ByteCache<RunExtents>;
  readonly #metrics: ByteCache<FontMetrics>;
  readonly #underway = new Map<string, Promise<TextRun>>();
  #waiting: Waiting[] = [];
  #drawing: Promise<void> | undefined;

  constructor({ mostBytes = MOST_BYTES }: { mostBytes?: number } = {}) {
    const weigh = (key: string) => 2 * key.length + ENTRY_BYTES;
    const forExtents = Math.floor(mostBytes / 5);
    const forMetrics = Math.floor(mostBytes / 20);
    this.#runs = new ByteCache(mostBytes - forExtents - forMetrics, (key, { mask }) => mask.bits.length + weigh(key));
    this.#extents = new ByteCache(forExtents, weigh);
    this.#metrics = new ByteCache(forMetrics, weigh);
  }

  /** What the cache holds, in bytes. */
  get bytes(): number {
    return this.#runs.bytes + this.#extents.bytes + this.#metrics.bytes;
  }

  /** One line of text; line ends in it are spaces, and what no sheet is wide enough for is left out. */
  async run(text: string, style: RunStyle): Promise<TextRun> {
    const line = lineOf(text, style);
    const key = keyOf(line);
    const known = this.#runs.get(key);
    if (known !== undefined) return known;
    const run = await this.#drawOnce(key, line);
    this.#runs.set(key, run);
    return run;
  }

  /** How large the texts come out. */
  measure(texts: readonly string[], style: RunStyle): Promise<RunExtents[]> {
    return Promise.all(
      texts.map(async (text) => {
        const line = lineOf(text, style);
        const key = keyOf(line);
        const known = this.#extents.get(key);
        if (known !== undefined) return known;
        const extents = extentsOf(this.#runs.get(key) ?? (await this.#drawOnce(key, line)));
        this.#extents.set(key, extents);
        return extents;
      }),
    );
  }

  async metrics(style: RunStyle): Promise<FontMetrics> {
    const key = keyOf(lineOf('', style));
    const known = this.#metrics.get(key);
    if (known !== undefined) return known;
    const [capital, small, tall, deep] = await this.measure(['H', 'x', 'd\u00c5', 'pj'], style);
    const metrics = {
      ascentPx: -(tall?.top ?? 0),
      descentPx: deep?.bottom ?? 0,
      capHeightPx: -(capital?.top ?? 0),
      xHeightPx: -(small?.top ?? 0),
    };
    this.#metrics.set(key, metrics);
    return metrics;
  }

  #drawOnce(key: string, line: StripLine): Promise<TextRun> {
    const underway = this.#underway.get(key);
    if (underway !== undefined) return underway;
    const drawn = this.#enqueue(line).finally(() => this.#underway.delete(key));
    this.#underway.set(key, drawn);
    return drawn;
  }

  #enqueue(line: StripLine): Promise<TextRun> {
    return new Promise((done, failed) => {
      this.#waiting.push({ line, done, failed });
      this.#drawing ??= this.#drawWaiting();
    });
  }

  async #drawWaiting(): Promise<void> {
    // Whoever asks in the same turn is drawn with the same call.
    await Promise.resolve();
    while (this.#waiting.length > 0) {
      const waiting = this.#waiting;
      this.#waiting = [];
      try {
        const drawn = await drawStrips(waiting.map(({ line }) => line));
        for (const [at, { line, done }] of waiting.entries()) {
          const result = drawn[at];
          if (result === undefined) continue;
          const { failed, ...run } = result;
          done({ ...run, missing: failed || !hasGlyphs(line.text) });
        }
      } catch (error) {
        for (const { failed } of waiting) failed(error);
      }
    }
    this.#drawing = undefined;
  }
}

function lineOf(text: string, style: RunStyle): StripLine {
  const sizePx = Math.max(1, Math.round(style.sizePx));
  const line = oneLine(text.slice(0, Math.ceil(MOST_RUN_PX / (NARROW_LETTER * sizePx))));
  return { text: line, style: { ...style, sizePx, rightToLeft: style.rightToLeft ?? startsRightToLeft(line) } };
}

function keyOf({ text, style }: StripLine): string {
  const { sizePx, bold, face, tabular = false, lang = '', rightToLeft } = style;
  return `${face} ${sizePx} ${bold ? 'b' : ''}${tabular ? 't' : ''}${rightToLeft ? 'r' : ''} ${lang} ${text}`;
}

function extentsOf({ advancePx, left, top, mask }: TextRun): RunExtents {
  return { advancePx, left, top, right: left + mask.width, bottom: top + mask.height };
}
