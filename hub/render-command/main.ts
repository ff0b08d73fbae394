#!/usr/bin/env node
import { readFile, writeFile } from 'node:fs/promises';
import { HardwareError, panelSpec } from '../../hardware/index.js';
import { frameToPng, RenderError, renderInput } from '../../render/index.js';
import { describeFailure, HubError } from '../errors.js';
import { parseRenderOptions, USAGE } from './options.js';
import { type RenderReport, renderCommand } from './render-command.js';

const EXIT_FAILURE = 1;
const EXIT_USAGE = 2;
const USAGE_CODES: ReadonlySet<string> = new Set([
  'config.invalid',
  'epd.unknown-panel',
  'render.unknown-screen',
  'render.unknown-profile',
]);

async function main(): Promise<void> {
  const options = parseRenderOptions(process.argv.slice(2));
  if (options === undefined) {
    process.stdout.write(USAGE);
    return;
  }
  const now = () => performance.now();
  const report = await renderCommand(options, {
    panelSpec,
    renderInput,
    frameToPng,
    readFile,
    writeFile,
    now,
  });
  process.stdout.write(options.json ? `${JSON.stringify(rounded(report))}\n` : story(report));
}

function rounded(report: RenderReport): RenderReport {
  const tenths = (ms: number) => Math.round(ms * 10) / 10;
  return {
    ...report,
    readMs: tenths(report.readMs),
    renderMs: tenths(report.renderMs),
    writeMs: tenths(report.writeMs),
  };
}

function story({ panel, width, height, inks, bytes, sha256, warnings, renderMs }: RenderReport): string {
  const lines = [
    `${panel}, ${width} x ${height} in ${inks.join(', ')}: ${bytes} bytes in ${Math.round(renderMs)} ms`,
    `SHA-256 ${sha256}`,
    ...warnings.map(({ code, path, message }) => `${code}: ${path} ${message}`),
  ];
  return `${lines.join('\n')}\n`;
}

try {
  await main();
} catch (error) {
  const { code, message } = describeFailure(error, 'hub.internal');
  const isExpected = error instanceof HubError || error instanceof HardwareError || error instanceof RenderError;
  // A reason may quote the file, whose bytes are nothing for a terminal.
  const line = message.replaceAll(/\p{Cc}+/gu, ' ');
  process.stderr.write(`${code}: ${line}\n${isExpected || !(error instanceof Error) ? '' : `${error.stack}\n`}`);
  process.exitCode = USAGE_CODES.has(code) ? EXIT_USAGE : EXIT_FAILURE;
}
