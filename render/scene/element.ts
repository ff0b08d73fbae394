import { badScene } from './read-scene.js';
import type { SceneNode, TableCell, TableNode } from './schema.js';

/** A node in its place in the tree, with the children that are laid out inside it. */
export type Element = {
  readonly node: SceneNode;
  /** Of the node, such as `root.children[2]`. */
  readonly path: string;
  /** Of a table its cells row by row, the header first; each row has as many as there are columns. */
  readonly children: readonly Element[];
  /** Whether it stands in a row, where a line is upright. */
  readonly isInRow: boolean;
};

/**
 * The tree of elements of a scene.
 * @throws `render.bad-scene` for a row of a table that has more cells than the table has columns
 */
export function elementOf(node: SceneNode, path = 'root', isInRow = false): Element {
  switch (node.type) {
    case 'row':
    case 'column':
    case 'stack': {
      const inRow = node.type === 'row';
      const children = node.children.map((child, at) => elementOf(child, `${path}.children[${at}]`, inRow));
      return { node, path, children, isInRow };
    }
    case 'box':
    case 'region': {
      const children = node.child === undefined ? [] : [elementOf(node.child, `${path}.child`)];
      return { node, path, children, isInRow };
    }
    case 'table':
      return { node, path, children: cellsOf(node, path), isInRow };
    default:
      return { node, path, children: [], isInRow };
  }
}

function cellsOf(table: TableNode, path: string): Element[] {
  const rows = table.rows.map((cells, at) => ({ cells, path: `${path}.rows[${at}]`, isHeader: false }));
  if (table.header !== undefined) rows.unshift({ cells: table.header, path: `${path}.header`, isHeader: true });
  return rows.flatMap(({ cells, path: rowPath, isHeader }) => {
    if (cells.length > table.columns.length) {
      throw badScene(rowPath, `${cells.length} cells, and the table has ${table.columns.length} columns`);
    }
    return table.columns.map((column, at) => {
      const cell: TableCell = cells[at] ?? '';
      const node = typeof cell === 'string' ? textCell(cell, table, column, isHeader) : cell;
      return elementOf(node, `${rowPath}[${at}]`);
    });
  });
}

function textCell(text: string, table: TableNode, column: TableNode['columns'][number], isHeader: boolean): SceneNode {
  const { size, face, tabular, ink } = table;
  const bold = isHeader || column.bold || table.bold;
  return {
    type: 'text',
    text,
    size,
    ...(face === undefined ? {} : { face }),
    ...(tabular === undefined ? {} : { tabular }),
    ...(ink === undefined ? {} : { ink }),
    ...(bold === undefined ? {} : { bold }),
    ...(column.align === undefined ? {} : { align: column.align }),
  };
}
