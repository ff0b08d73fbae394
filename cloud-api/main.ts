import { pino } from 'pino';
import { systemClock } from './clock.js';
import { readConfig } from './config.js';
import { type Cloud, startCloud } from './start.js';

const STOP_LIMIT_MS = 5_000;
const STDERR = 2;

const log = pino(
  {
    level: process.env.INKLET_LOG_LEVEL || 'info',
    base: { service: 'cloud' },
    redact: ['*.authorization', '*.password', '*.token', '*.refreshToken', 'body.code', '*.body.code'],
  },
  pino.destination({ dest: STDERR, sync: true }),
);

/** Settled even if a signal comes while the service is starting. */
let starting: Promise<Cloud> | undefined;

async function run(): Promise<void> {
  starting = startCloud(readConfig(process.env), { log, clock: systemClock, pid: process.pid });
  const { url } = await starting;
  process.stdout.write(`${JSON.stringify({ ready: true, url })}\n`);
}

async function leave(): Promise<void> {
  const watchdog = setTimeout(() => {
    log.fatal('stopping took too long');
    process.exit(1);
  }, STOP_LIMIT_MS);
  watchdog.unref();
  try {
    await (await starting)?.stop();
    log.info('stopped');
  } catch (error) {
    log.error({ err: error }, 'stopping failed');
    process.exitCode = 1;
  }
}

for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => void leave());

run().catch((error: unknown) => {
  log.fatal({ err: error }, 'the service cannot start');
  process.exitCode = 1;
});
