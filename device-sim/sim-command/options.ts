import { parseArgs } from 'node:util';
import { z } from 'zod';
import { SimError } from '../errors.js';

export type ShowOptions = {
  command: 'show';
  panel: string;
  imageFile: string;
  /** A second picture, shown over the first. */
  thenFile: string | undefined;
  /** Of the last picture; undefined lets the refresh policy choose. */
  mode: 'full' | 'fast' | 'partial' | 'grey' | undefined;
  outFile: string | undefined;
  traceFile: string | undefined;
  ideal: boolean;
  json: boolean;
};

export type ReplayOptions = {
  command: 'replay';
  traceFile: string;
  panel: string;
  /** Names of recorded operations, in order. */
  flow: readonly string[] | undefined;
  strictness: 'real' | 'lint' | 'strict';
  outFile: string | undefined;
  ideal: boolean;
  json: boolean;
};

export const USAGE = `The drivers of Inklet and recorded drivers of others, on simulated panels.

  npm run sim -- show --panel ID --image FILE --out glass.png --trace trace.json
  npm run sim -- replay trace.json --panel ID --out glass.png

show sends a picture through the driver to the chip of a panel:

  --panel ID         the panel (npm run panels)
  --image FILE       a picture: PNG, JPEG, GIF, WebP, AVIF, TIFF or SVG
  --then FILE        a second picture, shown 180 s after the first
  --mode MODE        full, fast, partial or grey, of the last picture (what the hub would choose)
                     a single picture by a partial refresh is shown over white
  --trace FILE       what went over the wires, as JSON

replay sends a recorded trace to the chip: one that show has written, or recorded operations by their names:

  --panel ID         the panel whose chip listens
  --flow NAME,NAME   operations of the recording, in order (init, then the first that begins with display)
  --strictness HOW   real says nothing, lint tells of broken rules, strict stops at the first fault (lint)

both:

  --out FILE         the glass as a PNG, as it is seen
  --ideal            in ideal colours instead
  --json             one line of JSON on standard output, nothing else
  --help             this text

Exit codes: 0 the glass shows the picture, or the trace drove the glass; 1 not, or a file is at fault; 2 a wrong flag.
`;

const MODES = ['full', 'fast', 'partial', 'grey'] as const;
const STRICTNESSES = ['real', 'lint', 'strict'] as const;
const TEXT = { type: 'string' } as const;
/** Named, since an object that spells out such a key looks like a promise. */
const SECOND = 'then';
const SWITCH = { type: 'boolean' } as const;

const file = z.string({ error: 'is missing' }).min(1, 'names no file');
const BothSchema = z.object({
  panel: z.string({ error: 'is missing' }).min(1, 'names no panel'),
  out: file.optional(),
  ideal: z.boolean().default(false),
  json: z.boolean().default(false),
});
const ShowSchema = BothSchema.extend({
  image: file,
  [SECOND]: file.optional(),
  mode: z.enum(MODES, { error: `is none of ${MODES.join(', ')}` }).optional(),
  trace: file.optional(),
}).refine(({ out, trace }) => out === undefined || out !== trace, { message: 'is the file of --out', path: ['trace'] });
const ReplaySchema = BothSchema.extend({
  flow: z
    .string()
    .transform((names) => names.split(','))
    .pipe(z.array(z.string().min(1, 'has an empty name')))
    .optional(),
  strictness: z.enum(STRICTNESSES, { error: `is none of ${STRICTNESSES.join(', ')}` }).default('lint'),
});

/**
 * Parses the command line; undefined if the person asked for help, or for nothing.
 * @throws SimError `sim.bad-option` naming every flag that is wrong
 */
export function parseSimOptions(argv: readonly string[]): ShowOptions | ReplayOptions | undefined {
  const [command, ...rest] = argv;
  if (command === undefined || argv.includes('--help')) return undefined;
  if (command === 'show') return parseShow(rest);
  if (command === 'replay') return parseReplay(rest);
  throw new SimError('sim.bad-option', `${command}: the commands are show and replay`);
}

function parseShow(argv: readonly string[]): ShowOptions {
  const { values, positionals } = readFlags(argv, ['image', SECOND, 'mode', 'trace']);
  if (positionals.length > 0) throw new SimError('sim.bad-option', `${positionals.join(' ')}: show takes flags alone`);
  const { panel, image, then, mode, out, trace, ideal, json } = checked(ShowSchema, values);
  return {
    command: 'show',
    panel,
    imageFile: image,
    thenFile: then,
    mode,
    outFile: out,
    traceFile: trace,
    ideal,
    json,
  };
}

function parseReplay(argv: readonly string[]): ReplayOptions {
  const { values, positionals } = readFlags(argv, ['flow', 'strictness']);
  const [traceFile, ...others] = positionals;
  if (traceFile === undefined || traceFile === '' || others.length > 0) {
    throw new SimError('sim.bad-option', `replay takes one file, not ${positionals.length}`);
  }
  const { panel, flow, strictness, out, ideal, json } = checked(ReplaySchema, values);
  return { command: 'replay', traceFile, panel, flow, strictness, outFile: out, ideal, json };
}

function checked<T>(schema: z.ZodType<T>, values: unknown): T {
  const flags = schema.safeParse(values);
  if (flags.success) return flags.data;
  const problems = flags.error.issues.map(({ path: [flag], message }) => `--${String(flag)} ${message}`);
  throw new SimError('sim.bad-option', problems.join('; '));
}

function readFlags(argv: readonly string[], names: readonly string[]) {
  try {
    const own = Object.fromEntries(names.map((name) => [name, TEXT]));
    const options = { ...own, panel: TEXT, out: TEXT, ideal: SWITCH, json: SWITCH };
    return parseArgs({ args: [...argv], strict: true, allowPositionals: true, options });
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    // Node goes on with advice on file names that begin with a dash.
    throw new SimError('sim.bad-option', reason.split(/\. To |\n/)[0] ?? reason, { cause });
  }
}
