#!/usr/bin/env node
import { createWriteStream } from 'node:fs';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { describeFailure, HubError } from '../errors.js';
import { QueueFile } from '../storage/queue-file.js';
import { exportLines } from './export-lines.js';
import { inspect, inspectionStory } from './inspect.js';
import { parseQueueOptions, type QueueOptions, USAGE } from './options.js';
import { verdictStory, verify } from './verify.js';

const EXIT_FAILURE = 1;
const EXIT_USAGE = 2;

async function main(): Promise<number> {
  const options = parseQueueOptions(process.argv.slice(2));
  if (options === undefined) {
    process.stdout.write(USAGE);
    return 0;
  }
  const file = QueueFile.open(options.file);
  try {
    return await run(options, file);
  } finally {
    file.close();
  }
}

async function run({ what, out, withNames, json }: QueueOptions, file: QueueFile): Promise<number> {
  if (what === 'export') {
    await write(exportLines(file, { withNames }), out);
    return 0;
  }
  if (what === 'inspect') {
    const found = inspect(file);
    process.stdout.write(json ? `${JSON.stringify(found)}\n` : inspectionStory(found));
    return 0;
  }
  const verdict = verify(file);
  process.stdout.write(json ? `${JSON.stringify(verdict)}\n` : verdictStory(verdict));
  return verdict.ok ? 0 : EXIT_FAILURE;
}

async function write(lines: Iterable<string>, out: string | undefined): Promise<void> {
  try {
    // An export that is there already is somebody's.
    if (out !== undefined) await pipeline(Readable.from(lines), createWriteStream(out, { flags: 'wx', mode: 0o600 }));
    else await pipeline(Readable.from(lines), process.stdout, { end: false });
  } catch (error) {
    // Whoever read it, such as head, has had enough.
    if (error instanceof Error && 'code' in error && error.code === 'EPIPE') return;
    if (error instanceof HubError) throw error;
    throw new HubError('file.unwritable', error instanceof Error ? error.message : String(error), { cause: error });
  }
}

try {
  process.exitCode = await main();
} catch (error) {
  const { code, message } = describeFailure(error, 'hub.internal');
  const isExpected = error instanceof HubError;
  process.stderr.write(`${code}: ${message}\n${isExpected || !(error instanceof Error) ? '' : `${error.stack}\n`}`);
  if (code === 'config.invalid') process.stderr.write(`\n${USAGE}`);
  process.exitCode = code === 'config.invalid' ? EXIT_USAGE : EXIT_FAILURE;
}
