/**
 * Rows that are diffused before the first, mirrored from below it: begun without an error to spread, the first rows of
 * an even area would come out as one line of a single ink.
 */
export const WARM_UP_ROWS = 8;

/** The row of the picture that a line shows; lines before the first are mirrored, and overwritten when their turn comes. */
export function sourceRow(line: number, height: number): number {
  return line < 0 ? Math.min(height - 1, -1 - line) : line;
}
