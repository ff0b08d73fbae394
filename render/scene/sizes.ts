import type { Element } from './element.js';
import { toPixels } from './length.js';
import type { SceneNode } from './schema.js';
import { growInto, shrinkInto } from './share-out.js';
import type { Length } from './values.js';

/** The inner sides of the parent, in whole pixels. */
export type Room = { width: number; height: number };

/** `natural` is what an element would like, `least` what it needs to be shown whole. */
export type Wish = 'natural' | 'least';

/** Measures what has no children: text, pictures, charts. Whole pixels; whatever it answers is remembered. */
export type Leaves = {
  width(element: Element, room: Room, wish: Wish): Promise<number>;
  height(element: Element, width: number, room: Room, wish: Wish): Promise<number>;
};

/** Edge to content on each side, in pixels. */
export type Edges = { top: number; right: number; bottom: number; left: number };

/** Sizes of children along one axis; `needs` is what each needs where there was less, else what it got. */
export type Shares = { sizes: readonly number[]; needs: readonly number[] };

/** Across the main axis. */
export type Align = 'start' | 'centre' | 'end' | 'stretch';

const NO_EDGES: Edges = { top: 0, right: 0, bottom: 0, left: 0 };

/** What has no size of its own, and takes what its parent gives on either axis. */
export function takesRoom({ node, children }: Element): boolean {
  return node.type === 'image' || node.type === 'qr' || node.type === 'chart' || isEmptyRegion(node, children);
}

function isEmptyRegion(node: SceneNode, children: readonly Element[]): boolean {
  return node.type === 'region' && children.length === 0;
}

/**
 * How large elements are: the width first, from the leaves up, then the height for that width. Both are asked of each
 * child once per question, so that the work grows with the scene and not with its depth.
 */
export class Sizes {
  readonly unitPx: number;
  readonly #leaves: Leaves;
  readonly #known = new Map<Element, Map<string, Promise<number>>>();

  /** @param unitPx the shorter side of the sheet */
  constructor(leaves: Leaves, unitPx: number) {
    this.#leaves = leaves;
    this.unitPx = unitPx;
  }

  pixels(length: Length | undefined, parentPx: number): number {
    return length === undefined ? 0 : toPixels(length, parentPx, this.unitPx);
  }

  width(element: Element, room: Room, wish: Wish): Promise<number> {
    return this.#once(element, `w ${wish} ${room.width} ${room.height}`, async () => {
      const { width, minWidth } = element.node;
      const wanted =
        width === undefined ? await this.#contentWidth(element, room, wish) : this.pixels(width, room.width);
      return Math.max(wanted, this.pixels(minWidth, room.width));
    });
  }

  height(element: Element, width: number, room: Room, wish: Wish): Promise<number> {
    const { height } = element.node;
    if (height !== undefined) return Promise.resolve(this.pixels(height, room.height));
    return this.#once(element, `h ${wish} ${width} ${room.width} ${room.height}`, () =>
      this.#contentHeight(element, width, room, wish),
    );
  }

  /** Widths of the children of a row. */
  async rowWidths({ node, children }: Element, inner: Room): Promise<Shares> {
    const free = inner.width - this.gapsIn(node, children.length, inner.width);
    return await this.#share(free, children, {
      explicit: (child) => (child.node.width === undefined ? undefined : this.pixels(child.node.width, inner.width)),
      floor: (child) => this.pixels(child.node.minWidth, inner.width),
      size: (child, wish) => this.width(child, inner, wish),
      isOpen: (child) => takesRoom(child) || child.node.type === 'progress',
    });
  }

  /** Heights of the children of a column, whose widths are known. */
  async columnHeights({ node, children }: Element, widths: readonly number[], inner: Room): Promise<Shares> {
    const free = inner.height - this.gapsIn(node, children.length, inner.height);
    const widthOf = new Map(children.map((child, at) => [child, widths[at] ?? 0]));
    return await this.#share(free, children, {
      explicit: (child) => (child.node.height === undefined ? undefined : this.pixels(child.node.height, inner.height)),
      floor: () => 0,
      size: (child, wish) => this.height(child, widthOf.get(child) ?? 0, inner, wish),
      isOpen: takesRoom,
    });
  }

  /** Width of each child of a column or stack: all of it when it stretches, else what it would like. */
  async widthsAcross({ node, children }: Element, inner: Room): Promise<number[]> {
    return await ofEach(children, async (child) => {
      const isWhole = child.node.width === undefined && stretches(node, child, 'width');
      return isWhole ? inner.width : Math.min(inner.width, await this.width(child, inner, 'natural'));
    });
  }

  /** Widths of the columns of a table. */
  async tableWidths(table: Element, inner: Room): Promise<Shares> {
    if (table.node.type !== 'table') return { sizes: [], needs: [] };
    const { columns } = table.node;
    const free = inner.width - this.gapsIn(table.node, columns.length, inner.width);
    const columnsOf = columns.map((column, at) => ({
      column,
      cells: table.children.filter((_, cell) => cell % columns.length === at),
    }));
    const widest = async (cells: readonly Element[], wish: Wish) =>
      Math.max(0, ...(await ofEach(cells, (cell) => this.width(cell, inner, wish))));
    const naturals = await ofEach(columnsOf, async ({ column, cells }) =>
      column.width === undefined ? await widest(cells, 'natural') : this.pixels(column.width, inner.width),
    );
    const left = free - sumOf(columns.map(({ grow }, at) => (grow ? 0 : (naturals[at] ?? 0))));
    if (left >= 0) {
      const growers = columns.map(({ grow = 0, width }, at) => {
        return { grow, floor: grow > 0 && width !== undefined ? (naturals[at] ?? 0) : 0 };
      });
      const shares = growInto(left, growers);
      const sizes = columns.map(({ grow }, at) => (grow ? (shares[at] ?? 0) : (naturals[at] ?? 0)));
      if (sumOf(sizes) <= free) return { sizes, needs: sizes };
    }
    const needs = await ofEach(columnsOf, async ({ column, cells }, at) =>
      column.width === undefined ? await widest(cells, 'least') : (naturals[at] ?? 0),
    );
    const sizes = shrinkInto(
      Math.max(0, free),
      naturals.map((natural, at) => ({ natural, least: needs[at] ?? 0 })),
    );
    return { sizes, needs };
  }

  /** Heights of the rows of a table, whose columns are known. */
  async tableHeights(table: Element, widths: readonly number[], inner: Room): Promise<Shares> {
    const count = widths.length;
    const rows = Array.from({ length: table.children.length / count }, (_, row) =>
      table.children.slice(row * count, (row + 1) * count),
    );
    const tallest = async (cells: readonly Element[], wish: Wish) =>
      Math.max(0, ...(await ofEach(cells, (cell, at) => this.height(cell, widths[at] ?? 0, inner, wish))));
    const free = Math.max(0, inner.height - this.rowGapOf(table.node, inner) * Math.max(0, rows.length - 1));
    const parts = await ofEach(rows, async (cells) => {
      return { natural: await tallest(cells, 'natural'), least: await tallest(cells, 'least') };
    });
    return { sizes: shrinkInto(free, parts), needs: parts.map(({ natural, least }) => Math.min(natural, least)) };
  }

  /** From the edge of an element to what is inside: padding, and the border of a box. */
  edges(node: SceneNode, room: Room): Edges {
    if (node.type !== 'row' && node.type !== 'column' && node.type !== 'stack' && node.type !== 'box') return NO_EDGES;
    const border = node.type === 'box' ? this.pixels(node.border, room.width) : 0;
    const { padding } = node;
    const sides =
      typeof padding === 'object' ? padding : { top: padding, right: padding, bottom: padding, left: padding };
    return {
      top: border + this.pixels(sides.top, room.height),
      right: border + this.pixels(sides.right, room.width),
      bottom: border + this.pixels(sides.bottom, room.height),
      left: border + this.pixels(sides.left, room.width),
    };
  }

  /** Pixels between children in all, never more than there are. */
  gapsIn(node: SceneNode, count: number, innerPx: number): number {
    const gap = 'gap' in node ? this.pixels(node.gap, innerPx) : 0;
    return Math.max(0, Math.min(innerPx, gap * Math.max(0, count - 1)));
  }

  rowGapOf(node: SceneNode, inner: Room): number {
    return node.type === 'table' ? this.pixels(node.rowGap ?? 0, inner.height) : 0;
  }

  async #contentWidth(element: Element, room: Room, wish: Wish): Promise<number> {
    const { node, children } = element;
    const { left, right, top, bottom } = this.edges(node, room);
    const inner = { width: Math.max(0, room.width - left - right), height: Math.max(0, room.height - top - bottom) };
    if (node.type === 'table') {
      const shares = await this.tableWidths(element, inner);
      return (
        sumOf(wish === 'least' ? shares.needs : shares.sizes) + this.gapsIn(node, shares.sizes.length, inner.width)
      );
    }
    if (children.length === 0) {
      return takesRoom(element)
        ? 0
        : left + right + (isContainer(node) ? 0 : await this.#leaves.width(element, room, wish));
    }
    const widths = await ofEach(children, (child) => this.width(child, inner, wish));
    const own =
      node.type === 'row' ? sumOf(widths) + this.gapsIn(node, widths.length, inner.width) : Math.max(...widths);
    return left + right + own;
  }

  async #contentHeight(element: Element, width: number, room: Room, wish: Wish): Promise<number> {
    const { node, children } = element;
    const { left, right, top, bottom } = this.edges(node, room);
    const inner = { width: Math.max(0, width - left - right), height: Math.max(0, room.height - top - bottom) };
    if (node.type === 'table') {
      const { sizes: widths } = await this.tableWidths(element, inner);
      const { sizes, needs } = await this.tableHeights(element, widths, inner);
      return sumOf(wish === 'least' ? needs : sizes) + this.rowGapOf(node, inner) * Math.max(0, sizes.length - 1);
    }
    if (children.length === 0) {
      if (takesRoom(element)) return 0;
      return top + bottom + (isContainer(node) ? 0 : await this.#leaves.height(element, width, room, wish));
    }
    const widths =
      node.type === 'row' ? (await this.rowWidths(element, inner)).sizes : await this.widthsAcross(element, inner);
    const heights = await ofEach(children, (child, at) => this.height(child, widths[at] ?? 0, inner, wish));
    const own =
      node.type === 'column' ? sumOf(heights) + this.gapsIn(node, heights.length, inner.height) : Math.max(...heights);
    return top + bottom + own;
  }

  async #share(free: number, children: readonly Element[], of: Axis): Promise<Shares> {
    const room = Math.max(0, free);
    const growth = children.map(
      (child) => child.node.grow ?? (of.isOpen(child) && of.explicit(child) === undefined ? 1 : 0),
    );
    const naturals = await ofEach(children, async (child, at) => (growth[at] ? 0 : await of.size(child, 'natural')));
    const left = room - sumOf(naturals);
    if (left >= 0) {
      const growers = children.map((child, at) => {
        const grow = growth[at] ?? 0;
        return { grow, floor: grow > 0 ? Math.max(of.floor(child), of.explicit(child) ?? 0) : 0 };
      });
      const shares = growInto(left, growers);
      const sizes = naturals.map((natural, at) => (growth[at] ? (shares[at] ?? 0) : natural));
      if (sumOf(sizes) <= room) return { sizes, needs: sizes };
    }
    const parts = await ofEach(children, async (child, at) => {
      const least = of.explicit(child) ?? (await of.size(child, 'least'));
      return { natural: growth[at] ? least : (naturals[at] ?? 0), least };
    });
    return { sizes: shrinkInto(room, parts), needs: parts.map(({ natural, least }) => Math.min(natural, least)) };
  }

  #once(element: Element, question: string, answer: () => Promise<number>): Promise<number> {
    const answers = this.#known.get(element) ?? new Map<string, Promise<number>>();
    this.#known.set(element, answers);
    const known = answers.get(question) ?? answer();
    answers.set(question, known);
    return known;
  }
}

type Axis = {
  explicit: (child: Element) => number | undefined;
  floor: (child: Element) => number;
  size: (child: Element, wish: Wish) => Promise<number>;
  isOpen: (child: Element) => boolean;
};

/** Whether a child takes the whole of that side of its parent across the main axis; lines do, and the length of a bar. */
export function stretches(parent: SceneNode, child: Element, side: 'width' | 'height'): boolean {
  if (takesRoom(child) || child.node.type === 'line') return true;
  if (child.node.type === 'progress') return side === 'width';
  return alignOf(parent, child) === 'stretch';
}

/** Where a child stands across the main axis of its parent. */
export function alignOf(parent: SceneNode, { node }: Element): Align {
  if (node.alignSelf !== undefined) return node.alignSelf;
  const hasAlign = parent.type === 'row' || parent.type === 'column' || parent.type === 'stack';
  return (hasAlign ? parent.align : undefined) ?? 'stretch';
}

function isContainer({ type }: SceneNode): boolean {
  return type === 'row' || type === 'column' || type === 'stack' || type === 'box' || type === 'region';
}

function sumOf(sizes: readonly number[]): number {
  return sizes.reduce((total, size) => total + size, 0);
}

/** Asks of all at once: texts that are measured together are drawn together. */
function ofEach<T, R>(items: readonly T[], ask: (item: T, at: number) => Promise<R>): Promise<R[]> {
  return Promise.all(items.map(ask));
}
