import { once } from 'node:events';
import { writeSync } from 'node:fs';
import path from 'node:path';
import { panelSpec, systemClock } from '../hardware/index.js';
import { SimError } from './errors.js';
import { type Home, takeHome } from './household/home.js';
import { type Household, startHousehold } from './household/household.js';
import { type HouseholdOptions, parseOptions, portsFor, USAGE } from './household/options.js';
import { requireFreePorts } from './household/ports.js';
import { isProved, sendOnce } from './household/send-once.js';
import { checkMessage } from './household/stranger.js';

const STDOUT = 1;
const STDERR = 2;
const EXIT_USAGE = 2;
/** As shells say it of a command that SIGINT has ended. */
const EXIT_INTERRUPTED = 130;
/** Longer than both products may take one after the other, with the slowest panel. */
const STOP_LIMIT_MS = 120_000;

process.exitCode = await main(process.argv.slice(2));

async function main(argv: readonly string[]): Promise<number> {
  const leave = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(name, () => leave.abort());
  leave.signal.addEventListener('abort', () => setTimeout(() => process.exit(1), STOP_LIMIT_MS).unref());
  let options: HouseholdOptions | undefined;
  try {
    options = parseOptions(argv);
    if (options === undefined) {
      writeSync(STDOUT, USAGE);
      return 0;
    }
    return await live(options, leave.signal);
  } catch (cause) {
    // One message that was called off is not a message that was proved.
    if (leave.signal.aborted) return options?.once === undefined ? 0 : EXIT_INTERRUPTED;
    writeSync(STDERR, `${explain(cause)}\n`);
    return cause instanceof SimError && cause.code === 'household.bad-option' ? EXIT_USAGE : 1;
  }
}

async function live(options: HouseholdOptions, signal: AbortSignal): Promise<number> {
  const spec = panelSpec(options.panel);
  const ports = portsFor(options);
  const databaseUrl = process.env.INKLET_DATABASE_URL || undefined;
  const tell = (line: string) => {
    if (!options.json) writeSync(STDERR, `${line}\n`);
  };
  await checkMessage(options.once);
  const home = await takeHome(options.home, { fresh: options.fresh, databaseUrl });
  try {
    await requireFreePorts(ports);
    tell(`A household wakes in ${home.dir} ...`);
    const household = await startHousehold(
      {
        home,
        panel: options.panel,
        ports,
        clock: systemClock,
        databaseUrl,
        baseEnv: inherited(),
        onProblem: (problem) => writeSync(STDERR, `${problem}\n`),
      },
      signal,
    );
    try {
      if (options.once === undefined) return await stayUp(household, home, options, signal);
      tell('It is bound. Your message is on its way; an e-paper panel takes a few seconds to draw.');
      const pngFile = path.join(home.dir, 'glass.png');
      const sending = { message: options.once, pngFile, inks: spec.inks, clock: systemClock };
      const { proof, failure } = await sendOnce(household, sending, signal);
      writeSync(STDOUT, `${JSON.stringify(proof, null, options.json ? undefined : 2)}\n`);
      if (failure !== null) writeSync(STDERR, `${failure.code}: ${failure.message}\n`);
      return isProved(proof) ? 0 : 1;
    } finally {
      await household.stop();
    }
  } finally {
    await home.release();
  }
}

async function stayUp(
  { address }: Household,
  { dir }: Home,
  options: HouseholdOptions,
  signal: AbortSignal,
): Promise<number> {
  const household = path.join(dir, 'household.json');
  const { cloudUrl, hubUrl, glassUrl, displays } = address;
  const [display] = displays;
  writeSync(
    STDOUT,
    options.json
      ? `${JSON.stringify({ cloudUrl, hubUrl, glassUrl, household })}\n`
      : `
  the glass       ${glassUrl}
  the hub's page  ${hubUrl}
  the cloud       ${cloudUrl}   (what it offers: ${cloudUrl}/openapi.json)
  who lives here  ${household}

Send a first message from the hub's page, or:

  curl -s ${hubUrl}/api/displays/${display?.id}/contents -H 'content-type: application/json' -d '{"text":"Bread rises at seven"}'

Ctrl-C stops everything.
`,
  );
  if (!signal.aborted) await once(signal, 'abort');
  return 0;
}

/** What a process on this machine needs to run at all; of its INKLET_ settings, these reach the products. */
function inherited(): Record<string, string> {
  const kept = ['PATH', 'HOME', 'TMPDIR', 'LANG', 'TZ', 'INKLET_LOG_LEVEL', 'INKLET_PANEL_REST_S'] as const;
  return Object.fromEntries(
    kept.flatMap((name) => (process.env[name] === undefined ? [] : [[name, process.env[name]]])),
  );
}

function explain(cause: unknown): string {
  if (!(cause instanceof Error)) return String(cause);
  const code = 'code' in cause ? `${cause.code}: ` : '';
  const reason = cause.cause instanceof Error ? `\n  ${explain(cause.cause)}` : '';
  return `${code}${cause.message}${reason}`;
}
