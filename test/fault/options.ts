import { parseArgs } from 'node:util';
import { z } from 'zod';

/** What a person asked for on the command line. */
export type FaultOptions = {
  readonly what: (typeof CAMPAIGNS)[number];
  readonly rounds: number;
  /** The same seed breaks the same things in the same order. */
  readonly seed: number;
  /** How many hubs at once. */
  readonly atOnce: number;
  readonly json: boolean;
};

export const CAMPAIGNS = ['provisioning', 'rotation', 'queue'] as const;

export const USAGE = `Breaks something in each round, and looks at what came of it: one thing while a hub earns its identity or changes its key,
one to three while it tells the cloud what happens and does what it is told.

  npm run fault -- provisioning --rounds N    new hubs
  npm run fault -- rotation --rounds N        hubs that change their key, told by a job, a command or its age
  npm run fault -- queue --rounds N           hubs that lose nothing and do nothing twice, whatever fails around them

  --rounds N       hubs, one after the other or so many at a time (20)
  --seed S         what goes wrong, and in which order (a new one each time, which is printed)
  --at-once N      hubs at a time (4)
  --json           one line of JSON on standard output, nothing else
  --help           this text

Exit code 0: every round ended as it must; 1: one did not, and its history is in the folder that is named; 2: a wrong flag.
`;

const MOST_ROUNDS = 100_000;
const MOST_AT_ONCE = 64;
const MOST_SEED = 0xffff_ffff;

const whole = (least: number, most: number) =>
  z
    .string()
    .regex(/^\d{1,10}$/, 'is not a whole number')
    .transform(Number)
    .pipe(z.number().min(least, `is below ${least}`).max(most, `is above ${most}`));

const FlagsSchema = z.object({
  rounds: whole(1, MOST_ROUNDS).default(20),
  seed: whole(0, MOST_SEED).optional(),
  'at-once': whole(1, MOST_AT_ONCE).default(4),
  json: z.boolean().default(false),
  help: z.boolean().default(false),
});

const WhatSchema = z.tuple([z.enum(CAMPAIGNS)]);

type Parsed =
  | { readonly ok: true; readonly options: FaultOptions | 'help' }
  /** Every flag that is wrong, in words. */
  | { readonly ok: false; readonly problems: readonly string[] };

/** Parses the command line; `newSeed` is asked if no seed is given. */
export function parseFaultOptions(argv: readonly string[], newSeed: () => number): Parsed {
  const read = readFlags(argv);
  if (!read.ok) return read;
  const flags = FlagsSchema.safeParse(read.values);
  if (flags.success && flags.data.help) return { ok: true, options: 'help' };
  const what = WhatSchema.safeParse(read.positionals);
  const problems = flags.success ? [] : flags.error.issues.map((issue) => `--${issue.path.join('.')} ${issue.message}`);
  if (!what.success) problems.push(`say what is to be tried: ${CAMPAIGNS.join(', ')}`);
  if (!flags.success || !what.success) return { ok: false, problems };
  const { rounds, seed = newSeed(), json } = flags.data;
  return { ok: true, options: { what: what.data[0], rounds, seed, atOnce: flags.data['at-once'], json } };
}

function readFlags(
  argv: readonly string[],
): { ok: true; values: object; positionals: string[] } | { ok: false; problems: string[] } {
  const text = { type: 'string' } as const;
  const yes = { type: 'boolean' } as const;
  const options = { rounds: text, seed: text, 'at-once': text, json: yes, help: yes };
  try {
    const { values, positionals } = parseArgs({ args: [...argv], strict: true, allowPositionals: true, options });
    return { ok: true, values, positionals };
  } catch (error) {
    return { ok: false, problems: [error instanceof Error ? error.message : String(error)] };
  }
}
