import type { IconName } from '../icons/names.js';
import type { ColumnNode, IconNode, LineNode, RowNode, Scene, SceneNode, TextNode } from '../scene/schema.js';
import { startsRightToLeft } from '../text/directions.js';
import type { ScreenContext } from './context.js';
import { LINE_HEIGHT, TYPE_SCALES } from './type-scale.js';

type Children = readonly (SceneNode | undefined)[];

/** The scene of a screen whose content fills the sheet. */
export function sceneOf({ theme, locale }: ScreenContext, root: SceneNode): Scene {
  return { version: 1, theme, lang: locale.split('-u-')[0] ?? locale, root };
}

/** Children from the side where reading begins; those left out take no room. */
export function row(
  context: ScreenContext,
  children: Children,
  options: Omit<RowNode, 'type' | 'children'> = {},
): RowNode {
  const kept = children.filter((child) => child !== undefined);
  const justify = context.rightToLeft ? MIRRORED[options.justify ?? 'start'] : options.justify;
  return { type: 'row', align: 'centre', ...options, justify, children: context.rightToLeft ? kept.reverse() : kept };
}

export function column(children: Children, options: Omit<ColumnNode, 'type' | 'children'> = {}): ColumnNode {
  return { type: 'column', ...options, children: children.filter((child) => child !== undefined) };
}

/** One line of text unless `maxLines` says otherwise. */
export function text(
  words: string,
  size: TextNode['size'],
  options: Omit<TextNode, 'type' | 'text' | 'size'> = {},
): TextNode {
  return { type: 'text', text: words, size, maxLines: 1, ...options };
}

/** Large letters cut to their ink, so that what stands around them keeps its distance; smaller where they do not fit. */
export function display(
  words: string,
  sizePx: number,
  options: Omit<TextNode, 'type' | 'text' | 'size'> = {},
): TextNode {
  return text(
    words,
    { min: Math.round(sizePx * 0.4), max: Math.round(sizePx) },
    { bold: true, tabular: true, ...options },
  );
}

/** How words are aligned to begin where the screen does, also in a script of the other direction; numbers run left to right. */
export function leading({ rightToLeft }: ScreenContext, words: string): 'start' | 'end' {
  return startsRightToLeft(words) === rightToLeft ? 'start' : 'end';
}

/** Values over time in the direction in which the language reads. */
export function inReadingOrder<Value>({ rightToLeft }: ScreenContext, values: readonly Value[]): Value[] {
  return rightToLeft ? [...values].reverse() : [...values];
}

export function icon(name: IconName, size: number, options: Omit<IconNode, 'type' | 'name' | 'size'> = {}): IconNode {
  return { type: 'icon', name, size, ...options };
}

export function rule(context: ScreenContext, options: Omit<LineNode, 'type'> = {}): LineNode {
  return { type: 'line', thickness: TYPE_SCALES[context.size].rule, ...options };
}

/** A line that parts without being seen much: grey where there is grey, dotted elsewhere. */
export function faintRule(context: ScreenContext): LineNode {
  const { rule: thickness } = TYPE_SCALES[context.size];
  if (!context.inks.includes('light-grey')) return { type: 'line', thickness: 1, dash: 1 };
  return { type: 'line', thickness, ink: context.theme === 'dark' ? 'dark-grey' : 'light-grey' };
}

/** Room that takes what is left. */
export function spring(): ColumnNode {
  return { type: 'column', grow: 1, children: [] };
}

export function space(px: number): ColumnNode {
  return { type: 'column', width: px, height: px, children: [] };
}

/** Height of so many lines of a size, in pixels. */
export function linesHeight(sizePx: number, lines = 1): number {
  return Math.ceil(sizePx * LINE_HEIGHT * lines);
}

const MIRRORED = { start: 'end', end: 'start', centre: 'centre', between: 'between' } as const;
