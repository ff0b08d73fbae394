import type { PanelSpec } from './panel-spec.js';
import { PANELS } from './panels.js';

/** The panels that the product drives, as the Markdown table of this folder's README. */
export function panelTable(): string {
  const rows: [string, PanelSpec][] = Object.entries(PANELS);
  return [
    '| panel id | product | controller | pixels | inks | full | fast | partial |',
    '| --- | --- | --- | --- | --- | --- | --- | --- |',
    ...rows.map(([id, spec]) => `| ${cells(id, spec).join(' | ')} |`),
  ].join('\n');
}

function cells(id: string, spec: PanelSpec): string[] {
  const { name, controller, width, height, inks, full, fast, partial } = spec;
  const times = [full, fast, partial].map((waveform) => (waveform === undefined ? 'no' : seconds(waveform.refreshMs)));
  return [`\`${id}\``, name, controller.toUpperCase(), `${width} x ${height}`, inks.join(', '), ...times];
}

function seconds(ms: number): string {
  return `${(ms / 1_000).toFixed(1)} s`;
}
