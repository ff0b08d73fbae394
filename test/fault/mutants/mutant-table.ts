import type { Caught } from './hunt.js';
import type { Mutant } from './mutant.js';

/** A line for each mutant: what is wrong, what that breaks, what said so, and after how many schedules. */
export function mutantTable(rows: readonly { mutant: Mutant; caught: Caught | undefined }[]): string {
  const cells = rows.map(({ mutant, caught }) => [
    mutant.name,
    mutant.breaks,
    caught === undefined ? 'nobody' : caught.by.join(' '),
    caught === undefined ? '-' : String(caught.rounds),
  ]);
  const all = [['mutant', 'breaks', 'caught by', 'rounds'], ...cells];
  const widths = [0, 1, 2, 3].map((column) => Math.max(...all.map((row) => row[column]?.length ?? 0)));
  const lines = all.map((row) => row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | '));
  return `${lines.join('\n')}\n`;
}
