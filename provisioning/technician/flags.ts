import { parseArgs } from 'node:util';
import { z } from 'zod';
import { ProvisioningError } from '../errors.js';

/** What kinds of flags a command takes: with a text, with a text and more than once, or without anything. */
export type FlagNames = { text?: readonly string[]; list?: readonly string[]; yes?: readonly string[] };

const MAX_WAIT_S = 24 * 60 * 60;

/**
 * Parses the flags behind a command; `words` beside them only where `positionals` allows so many.
 * @throws ProvisioningError `tech.bad-option` naming every flag that is wrong
 */
export function readFlags<T>(
  argv: readonly string[],
  { text = [], list = [], yes = [] }: FlagNames,
  schema: z.ZodType<T>,
  { positionals: most = 0 }: { positionals?: number } = {},
): { flags: T; words: string[] } {
  const options = Object.fromEntries([
    ...text.map((name) => [name, { type: 'string' } as const] as const),
    ...list.map((name) => [name, { type: 'string', multiple: true } as const] as const),
    ...[...yes, 'json'].map((name) => [name, { type: 'boolean' } as const] as const),
  ]);
  const { values, positionals } = parsed(() =>
    parseArgs({ args: [...argv], strict: true, allowPositionals: true, options }),
  );
  const [stray] = positionals.slice(most);
  if (stray !== undefined) throw badOption(`${stray}: no word is expected here`);
  const flags = schema.safeParse(values);
  if (flags.success) return { flags: flags.data, words: positionals };
  throw badOption(
    flags.error.issues.map(({ path, message }) => `--${path[0]?.toString() ?? ''} ${message}`).join('; '),
  );
}

export function badOption(message: string, cause?: unknown): ProvisioningError {
  return new ProvisioningError('tech.bad-option', message, { cause });
}

/** A name of a file, or any text that has to say something. */
export const someText = (error = 'is needed') => z.string(error).min(1, 'is empty');

/** A whole number of a range, written in digits. */
export function wholeNumber(from: number, to: number) {
  const range = `is no whole number from ${from} to ${to}`;
  return z
    .string(`is needed: a whole number from ${from} to ${to}`)
    .regex(/^\d{1,9}$/, range)
    .transform(Number)
    .pipe(z.number(range).min(from, range).max(to, range));
}

export const secondsFlag = (usual: number) => wholeNumber(0, MAX_WAIT_S).default(usual);

/** Node's reason in one line: it goes on with advice on arguments that begin with a dash. */
function parsed<T>(parse: () => T): T {
  try {
    return parse();
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw badOption(reason.split(/\. To |\n/)[0] ?? reason, cause);
  }
}
