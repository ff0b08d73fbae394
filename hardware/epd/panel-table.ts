import type { PanelSpec } from './panel-spec.js';
import { PANELS } from './panels.js';

const HEADINGS = ['panel id', 'product', 'controller', 'pixels', 'inks', 'full', 'fast', 'partial', 'four greys'];

/** The panels that the product drives, as the Markdown table of this folder's README, columns aligned. */
export function panelTable(): string {
  const panels: [string, PanelSpec][] = Object.entries(PANELS);
  const rows = [HEADINGS, ...panels.map(([id, spec]) => cells(id, spec))];
  const widths = HEADINGS.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  const [head, ...body] = rows.map((row) => line(row.map((cell, column) => cell.padEnd(widths[column] ?? 0))));
  return [head, line(widths.map((width) => '-'.repeat(width))), ...body].join('\n');
}

function cells(id: string, spec: PanelSpec): string[] {
  const { name, chip, width, height, inks, full, fast, partial, grey } = spec;
  const waveforms = [full, fast, partial, grey];
  const times = waveforms.map((waveform) => (waveform === undefined ? 'no' : seconds(waveform.refreshMs)));
  return [`\`${id}\``, name, chip, `${width} x ${height}`, inks.join(', '), ...times];
}

function seconds(ms: number): string {
  return `${(ms / 1_000).toFixed(1)} s`;
}

function line(row: readonly string[]): string {
  return `| ${row.join(' | ')} |`;
}
