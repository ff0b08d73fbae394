import { parseArgs } from 'node:util';
import { HardwareError } from '../errors.js';

export type PanelsOptions = {
  /** For programs, rather than for people. */
  json: boolean;
};

export const USAGE = `The panels that Inklet drives: chip, pixels, inks, and how long each kind of refresh takes.

  npm run panels                      a table
  npm run --silent panels -- --json   one JSON array on standard output, nothing else

  --json           for programs: with the limits of each panel and where its facts are from
  --help           this text
`;

/**
 * Parses the command line; undefined if the person asked for help.
 * @throws HardwareError `panels.bad-option` naming the flag that is wrong
 */
export function parsePanelsOptions(argv: readonly string[]): PanelsOptions | undefined {
  try {
    const { values } = parseArgs({
      args: [...argv],
      strict: true,
      allowPositionals: false,
      options: { json: { type: 'boolean' }, help: { type: 'boolean' } },
    });
    return values.help === true ? undefined : { json: values.json === true };
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new HardwareError('panels.bad-option', reason, { cause });
  }
}
