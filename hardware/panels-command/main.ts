import { panelRows } from '../epd/panel-rows.js';
import { panelTable } from '../epd/panel-table.js';
import { HardwareError } from '../errors.js';
import { parsePanelsOptions, USAGE } from './options.js';

const EXIT_USAGE = 2;

function print(argv: readonly string[]): string {
  const options = parsePanelsOptions(argv);
  if (options === undefined) return USAGE;
  return `${options.json ? JSON.stringify(panelRows()) : panelTable()}\n`;
}

try {
  process.stdout.write(print(process.argv.slice(2)));
} catch (error) {
  if (!(error instanceof HardwareError)) throw error;
  process.stderr.write(`${error.code}: ${error.message}\n`);
  process.exitCode = EXIT_USAGE;
}
