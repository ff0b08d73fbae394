#!/usr/bin/env node
import { randomBytes } from 'node:crypto';
import { systemClock } from '../../hardware/index.js';
import { ProvisioningError } from '../errors.js';
import { outputTo } from './output.js';
import { readerOpener } from './reader/open-reader.js';
import { runTool } from './run-tool.js';

const argv = process.argv.slice(2);
const leave = new AbortController();
const calledOff = () => leave.abort(new ProvisioningError('tech.called-off', 'called off'));
// A second one ends the process as the system does.
for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(name, calledOff);
// Whoever reads the results may have read enough.
process.stdout.on('error', calledOff);
const stdout = (text: string): void => {
  process.stdout.write(text);
};
const stderr = (text: string): void => {
  process.stderr.write(text);
};

process.exitCode = await runTool(
  argv,
  {
    clock: systemClock,
    random: Math.random,
    randomBytes,
    fetch,
    openReader: readerOpener({ clock: systemClock }),
    output: outputTo({ stdout, stderr }, { json: argv.includes('--json') }),
    signal: leave.signal,
  },
  stdout,
);
