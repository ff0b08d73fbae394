/** Where results go, and what is said beside them. */
export type Output = {
  /** One line of JSON with `--json`, the words without it; on standard output. */
  result(value: Readonly<Record<string, unknown>>, words: string): void;
  /** For a person who waits or has to do something; on standard error, and not with `--json`. */
  aside(words: string): void;
  /** What went wrong on the way; on standard error. */
  problem(code: string, message: string): void;
  /** The same where it is all that came of it: with `--json`, also a result with `ok: false`. */
  failure(code: string, message: string): void;
};

/** Writes results to one stream and all else to another, so that a program can read the first. */
export function outputTo(
  { stdout, stderr }: Record<'stdout' | 'stderr', (text: string) => void>,
  { json }: { json: boolean },
): Output {
  const problem = (code: string, message: string) => stderr(`${code}: ${printable(message)}\n`);
  return {
    result: (value, words) => stdout(json ? `${JSON.stringify(value)}\n` : `${printable(words)}\n`),
    aside: (words) => {
      if (!json) stderr(`${printable(words)}\n`);
    },
    problem,
    failure: (code, message) => {
      problem(code, message);
      if (json) stdout(`${JSON.stringify({ ok: false, code, message })}\n`);
    },
  };
}

/** A tag or the cloud may have said anything, which is nothing for a terminal to obey. */
function printable(words: string): string {
  return words.replaceAll(/[^\P{C}\n]+/gu, ' ');
}
