#!/usr/bin/env node
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { HardwareError } from '../../hardware/index.js';
import { EXAMPLES_DIR, frameToPng, RenderError, renderInput, SCREENS } from '../../render/index.js';
import { describeFailure, HubError } from '../errors.js';
import { drawGallery } from './draw-gallery.js';
import { parseGalleryOptions, USAGE } from './options.js';

const EXIT_FAILURE = 1;
const EXIT_USAGE = 2;

async function main(): Promise<void> {
  const options = parseGalleryOptions(process.argv.slice(2));
  if (options === undefined) {
    process.stdout.write(USAGE);
    return;
  }
  const count = await drawGallery(options, {
    screens: SCREENS,
    renderInput,
    frameToPng,
    readExample: (name) => readFile(path.join(EXAMPLES_DIR, `${name}.json`), 'utf8'),
    writeFile: async (file, bytes) => {
      try {
        await mkdir(path.dirname(file), { recursive: true });
        await writeFile(file, bytes);
      } catch (cause) {
        const reason = cause instanceof Error ? cause.message : String(cause);
        throw new HubError('file.unwritable', `${file} cannot be written: ${reason}`, { cause });
      }
    },
    tell: (line) => process.stdout.write(`${line}\n`),
  });
  process.stdout.write(`${count} frames: open ${path.join(options.out, 'index.html')}\n`);
}

try {
  await main();
} catch (error) {
  const { code, message } = describeFailure(error, 'hub.internal');
  const isExpected = error instanceof HubError || error instanceof HardwareError || error instanceof RenderError;
  // A reason may quote the file, whose bytes are nothing for a terminal.
  const line = message.replaceAll(/\p{Cc}+/gu, ' ');
  process.stderr.write(`${code}: ${line}\n${isExpected || !(error instanceof Error) ? '' : `${error.stack}\n`}`);
  process.exitCode = code === 'config.invalid' || code === 'epd.unknown-panel' ? EXIT_USAGE : EXIT_FAILURE;
}
