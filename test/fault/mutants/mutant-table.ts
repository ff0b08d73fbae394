import type { Caught } from './hunt.js';
import type { Mutant } from './mutant.js';

/** chance: by schedules by chance · directed: by one that is written down · power cuts: by rebuilt states of a card. */
type Way = 'chance' | 'directed' | 'power cuts';

export type MutantRow = Pick<Mutant, 'name' | 'breaks'> & { way: Way; caught: Caught | undefined };

export function rowOf(mutant: Mutant, caught: Caught | undefined): MutantRow {
  const { name, breaks } = mutant;
  return { name, breaks, way: 'script' in mutant ? 'directed' : 'chance', caught };
}

/** Of these, those that their own promise did not catch. */
export function missedOf(rows: readonly MutantRow[]): string[] {
  const missed = rows.filter(({ breaks, caught }) => caught?.by.includes(breaks) !== true);
  return missed.map(({ name, caught }) => `${name}: ${caught?.by ?? 'nobody'}`);
}

const HEAD = ['mutant', 'breaks', 'way', 'caught by', 'rounds'] as const;

/** A line for each mutant: what is wrong, what that breaks, how it was looked for, what said so, and after how many rounds. */
export function mutantTable(rows: readonly MutantRow[]): string {
  const cells = rows.map(({ name, breaks, way, caught }) => {
    return [name, breaks, way, caught?.by.join(' ') ?? 'nobody', String(caught?.rounds ?? '-')];
  });
  const all = [[...HEAD], ...cells];
  const widths = HEAD.map((_name, column) => Math.max(...all.map((row) => row[column]?.length ?? 0)));
  const lines = all.map((row) => row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | '));
  return `${lines.join('\n')}\n${rows.filter(({ caught }) => caught !== undefined).length} of ${rows.length} caught\n`;
}
