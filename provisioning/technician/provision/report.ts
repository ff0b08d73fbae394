import type { Box } from './box.js';
import { hubValue } from './hub-stage.js';

/** A report is written in the form that the end of its name asks for. */
export const REPORT_FORMS = ['.csv', '.json'] as const;

type Row = ReturnType<typeof hubValue>;

const COLUMNS = [
  'number',
  'thingName',
  'hwId',
  'tagUid',
  'keyId',
  'model',
  'batch',
  'tag',
  'taggedAt',
  'locked',
  'stage',
  'registeredAt',
  'certificateId',
  'lastSeenAt',
  'code',
  'reason',
] as const satisfies readonly (keyof Row)[];

/** What became of the hubs of a box. */
export function boxReport(box: Pick<Box, 'name' | 'count' | 'hubs'>, file: string, nowMs: number): string {
  const rows = box.hubs.map(hubValue);
  if (file.endsWith('.csv')) return csv(rows);
  const { name, count } = box;
  return `${JSON.stringify({ box: name, count, at: new Date(nowMs).toISOString(), hubs: rows }, null, 2)}\n`;
}

/** RFC 4180. */
function csv(rows: readonly Row[]): string {
  const lines = rows.map((row) => COLUMNS.map((column) => cell(row[column])).join(','));
  return `${[COLUMNS.join(','), ...lines].join('\r\n')}\r\n`;
}

function cell(value: string | number | boolean | null): string {
  if (typeof value !== 'string') return value === null ? '' : String(value);
  // A spreadsheet would take it for a formula.
  const text = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
