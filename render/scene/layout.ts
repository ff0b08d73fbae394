import type { Box } from '../frame/box.js';
import type { Element } from './element.js';
import type { SceneNode } from './schema.js';
import { type Align, alignOf, type Leaves, type Room, type Shares, Sizes, stretches } from './sizes.js';

/** An element with its box on the sheet; the boxes of its children lie inside it. `room`: the inner sides of its parent. */
export type Placed = { element: Element; box: Box; room: Room; children: readonly Placed[] };

/** An element that got less than it needs along one side. */
export type Shortage = { path: string; side: 'width' | 'height'; neededPx: number; givenPx: number };

export type Layout = { root: Placed; shortages: readonly Shortage[] };

/**
 * Lays an element and all that is inside it into the box. Whole pixels, nothing outside of its parent, no child of a row
 * or column over another: what does not fit is made smaller, and told.
 */
export async function layOut(root: Element, box: Box, leaves: Leaves): Promise<Layout> {
  const placer = new Placer(new Sizes(leaves, Math.min(box.width, box.height)));
  const placed = await placer.place(root, box, box);
  return { root: placed, shortages: placer.shortages.sort((one, other) => byPath(one.path, other.path)) };
}

/** The order of a scene, whichever was measured first. */
const { compare: byPath } = new Intl.Collator('en', { numeric: true });

class Placer {
  readonly shortages: Shortage[] = [];
  readonly #sizes: Sizes;

  constructor(sizes: Sizes) {
    this.#sizes = sizes;
  }

  async place(element: Element, box: Box, room: Room): Promise<Placed> {
    const own = { width: room.width, height: room.height };
    if (element.children.length === 0) return { element, box, room: own, children: [] };
    const { top, right, bottom, left } = this.#sizes.edges(element.node, room);
    const x = Math.min(left, box.width);
    const y = Math.min(top, box.height);
    const inner: Box = {
      x: box.x + x,
      y: box.y + y,
      width: Math.max(0, box.width - x - right),
      height: Math.max(0, box.height - y - bottom),
    };
    const boxes = await this.#boxesOf(element, inner);
    const nowhere = { ...inner, width: 0, height: 0 };
    // All at once: texts that are measured together are drawn together.
    const children = await Promise.all(
      element.children.map((child, at) => this.place(child, boxes[at] ?? nowhere, inner)),
    );
    return { element, box, room: own, children };
  }

  #boxesOf(element: Element, inner: Box): Promise<Box[]> {
    switch (element.node.type) {
      case 'row':
        return this.#inRow(element, inner);
      case 'column':
        return this.#inColumn(element, inner);
      case 'table':
        return this.#inTable(element, inner);
      default:
        return this.#inStack(element, inner);
    }
  }

  async #inRow(element: Element, inner: Box): Promise<Box[]> {
    const { node, children } = element;
    const shares = await this.#sizes.rowWidths(element, inner);
    this.#tell(children, shares, 'width');
    const starts = this.#along(node, shares.sizes, inner.width);
    const boxes: Box[] = [];
    for (const [at, child] of children.entries()) {
      const width = shares.sizes[at] ?? 0;
      const across = await this.#heightAcross(node, child, width, inner);
      boxes.push({ x: inner.x + (starts[at] ?? 0), y: inner.y + across.start, width, height: across.size });
    }
    return boxes;
  }

  async #inColumn(element: Element, inner: Box): Promise<Box[]> {
    const { node, children } = element;
    const widths = await this.#widthsAcross(element, inner);
    const shares = await this.#sizes.columnHeights(element, widths, inner);
    this.#tell(children, shares, 'height');
    const starts = this.#along(node, shares.sizes, inner.height);
    return children.map((child, at) => {
      const width = widths[at] ?? 0;
      const x = inner.x + startOf(alignOf(node, child), inner.width - width);
      return { x, y: inner.y + (starts[at] ?? 0), width, height: shares.sizes[at] ?? 0 };
    });
  }

  async #inStack(element: Element, inner: Box): Promise<Box[]> {
    const { node, children } = element;
    const widths = await this.#widthsAcross(element, inner);
    const boxes: Box[] = [];
    for (const [at, child] of children.entries()) {
      const width = widths[at] ?? 0;
      const across = await this.#heightAcross(node, child, width, inner);
      const x = inner.x + startOf(alignOf(node, child), inner.width - width);
      boxes.push({ x, y: inner.y + across.start, width, height: across.size });
    }
    return boxes;
  }

  async #inTable(element: Element, inner: Box): Promise<Box[]> {
    const { node, children } = element;
    const columns = await this.#sizes.tableWidths(element, inner);
    const rows = await this.#sizes.tableHeights(element, columns.sizes, inner);
    const count = columns.sizes.length;
    this.#tell(children.slice(0, count), columns, 'width');
    this.#tell(
      children.filter((_, at) => at % count === 0),
      rows,
      'height',
    );
    const across = this.#along(node, columns.sizes, inner.width);
    const down = stacked(rows.sizes, Math.min(this.#sizes.rowGapOf(node, inner), spareGap(rows.sizes, inner.height)));
    return children.map((_, at) => {
      const column = at % count;
      const row = Math.floor(at / count);
      return {
        x: inner.x + (across[column] ?? 0),
        y: inner.y + (down[row] ?? 0),
        width: columns.sizes[column] ?? 0,
        height: rows.sizes[row] ?? 0,
      };
    });
  }

  async #widthsAcross(element: Element, inner: Box): Promise<number[]> {
    const widths = await this.#sizes.widthsAcross(element, inner);
    for (const [at, { node, path }] of element.children.entries()) {
      const neededPx = node.width === undefined ? 0 : this.#sizes.pixels(node.width, inner.width);
      this.#tellOne(path, 'width', neededPx, widths[at] ?? 0);
    }
    return widths;
  }

  async #heightAcross(
    parent: SceneNode,
    child: Element,
    width: number,
    inner: Box,
  ): Promise<{ start: number; size: number }> {
    if (child.node.height === undefined && stretches(parent, child, 'height')) return { start: 0, size: inner.height };
    const wanted = await this.#sizes.height(child, width, inner, 'natural');
    const size = Math.min(inner.height, wanted);
    if (child.node.height !== undefined) this.#tellOne(child.path, 'height', wanted, size);
    return { start: startOf(alignOf(parent, child), inner.height - size), size };
  }

  /** Where each child begins along the main axis, its gaps made smaller where they do not fit. */
  #along(node: SceneNode, sizes: readonly number[], innerPx: number): number[] {
    const taken = sizes.reduce((sum, size) => sum + size, 0);
    const gaps = this.#sizes.gapsIn(node, sizes.length, innerPx);
    const spare = Math.max(0, innerPx - taken - gaps);
    const between = Math.max(1, sizes.length - 1);
    const justify = 'justify' in node ? node.justify : undefined;
    const inGaps = Math.min(gaps + (justify === 'between' ? spare : 0), Math.max(0, innerPx - taken));
    const first = justify === 'between' ? 0 : startOf(justify ?? 'start', spare);
    let before = 0;
    return sizes.map((size, at) => {
      const start = first + before + Math.floor((inGaps * at) / between);
      before += size;
      return start;
    });
  }

  #tell(children: readonly Element[], { sizes, needs }: Shares, side: Shortage['side']): void {
    for (const [at, { path }] of children.entries()) this.#tellOne(path, side, needs[at] ?? 0, sizes[at] ?? 0);
  }

  #tellOne(path: string, side: Shortage['side'], neededPx: number, givenPx: number): void {
    if (givenPx < neededPx) this.shortages.push({ path, side, neededPx, givenPx });
  }
}

function startOf(align: Align, spare: number): number {
  if (align === 'centre') return Math.floor(spare / 2);
  return align === 'end' ? spare : 0;
}

function stacked(sizes: readonly number[], gap: number): number[] {
  let at = 0;
  return sizes.map((size) => {
    const start = at;
    at += size + gap;
    return start;
  });
}

/** The widest gap that leaves all of the sizes within the room. */
function spareGap(sizes: readonly number[], roomPx: number): number {
  const taken = sizes.reduce((sum, size) => sum + size, 0);
  return Math.max(0, Math.floor((roomPx - taken) / Math.max(1, sizes.length - 1)));
}
