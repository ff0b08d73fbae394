import { parseArgs } from 'node:util';
import { z } from 'zod';
import { HubError } from '../errors.js';
import { wrongFlags } from '../wrong-flags.js';

export type QueueOptions = {
  what: 'inspect' | 'export' | 'verify';
  /** The database, or the folder that it is in. */
  file: string;
  /** Where an export goes; undefined: standard output. */
  out: string | undefined;
  /** Whether an export tells what the household calls itself and its displays. */
  withNames: boolean;
  json: boolean;
};

export const USAGE = `Looks into the queue of a hub, which may be running; nothing in it is changed.

  npm run queue -- inspect FILE           what waits, what was dropped and why, and how large it is
  npm run queue -- export FILE            every event, gap and register that the cloud does not have yet, a line of JSON each
  npm run queue -- verify FILE            whether the file is whole, and every number accounted for

  FILE             hub.sqlite, or the hub's data folder
  --out FILE       where the export goes, which must not be there yet (standard output)
  --with-names     the export tells the names of the household and its displays too
  --json           inspect and verify: one line of JSON
  --help           this text

Exit code 0: done, and nothing wrong; 1: the queue is not as it must be, or cannot be read; 2: a wrong flag.
`;

const OptionsSchema = z.object({
  what: z.enum(['inspect', 'export', 'verify'], 'say what is to be done: inspect, export or verify'),
  file: z.string('say which file').min(1, 'the name of the file is empty'),
  more: z.undefined('one file at a time'),
  out: z.string().min(1, '--out is empty').optional(),
  withNames: z.boolean().default(false),
  json: z.boolean().default(false),
});

/**
 * Parses the command line; undefined if the person asked for help.
 * @throws HubError `config.invalid` naming all that is wrong
 */
export function parseQueueOptions(argv: readonly string[]): QueueOptions | undefined {
  const { values, positionals } = readFlags(argv);
  if (values.help === true) return undefined;
  const [what, file, more] = positionals;
  const parsed = OptionsSchema.safeParse({
    ...{ what, file, more, out: values.out },
    ...{ withNames: values['with-names'], json: values.json },
  });
  if (!parsed.success) {
    throw new HubError('config.invalid', parsed.error.issues.map(({ message }) => message).join('; '));
  }
  const { more: _, ...options } = parsed.data;
  if ((options.out !== undefined || options.withNames) && options.what !== 'export') {
    throw new HubError('config.invalid', '--out and --with-names belong to export');
  }
  return { ...options, out: options.out };
}

function readFlags(argv: readonly string[]) {
  try {
    const yes = { type: 'boolean' } as const;
    const options = { out: { type: 'string' }, 'with-names': yes, json: yes, help: yes } as const;
    return parseArgs({ args: [...argv], strict: true, allowPositionals: true, options });
  } catch (cause) {
    throw wrongFlags(cause);
  }
}
