import { panelSpec } from '../../hardware/index.js';
import { glassPng } from '../epd/glass-png.js';
import type { SimPanel } from '../epd/sim-panel.js';
import type { Trace } from '../epd/trace.js';
import { SimError } from '../errors.js';
import { readNamedFile, writeNamedFile } from './named-file.js';
import { parseSimOptions, type ReplayOptions, type ShowOptions, USAGE } from './options.js';
import { MOST_RECORDING_BYTES, readFlow } from './recording.js';
import { replayFlow } from './replay-flow.js';
import { replayJson, replayText, showJson, showText } from './report.js';
import { showPictures } from './show-pictures.js';

const EXIT_USAGE = 2;
/** What a flag alone can be to blame for. */
const USAGE_CODES: readonly unknown[] = ['sim.bad-option', 'epd.unknown-panel', 'epd.no-such-mode'];
/** The longest picture that render takes. */
const MOST_PICTURE_BYTES = 32 * 1024 * 1024;

async function main(argv: readonly string[]): Promise<void> {
  const options = parseSimOptions(argv);
  if (options === undefined) process.stdout.write(USAGE);
  else if (options.command === 'show') await show(options);
  else await replay(options);
}

async function show(options: ShowOptions): Promise<void> {
  const { panel: id, imageFile, thenFile, mode, traceFile } = options;
  const spec = panelSpec(id);
  const pictures = [];
  for (const name of thenFile === undefined ? [imageFile] : [imageFile, thenFile]) {
    pictures.push({ name, bytes: await readNamedFile(name, MOST_PICTURE_BYTES) });
  }
  const result = await showPictures({ id, spec, pictures, mode });
  await keepGlass(result.panel, options);
  if (traceFile !== undefined) await writeNamedFile(traceFile, lines(result.panel.trace));
  process.stdout.write(`${options.json ? showJson(result) : showText(result)}\n`);
  if (result.glassSha256 === result.frameSha256) return;
  throw new SimError('sim.wrong-picture', `sent was ${result.frameSha256}, the glass shows ${result.glassSha256}`);
}

async function replay(options: ReplayOptions): Promise<void> {
  const { panel: id, traceFile: file, flow, strictness } = options;
  panelSpec(id);
  const text = Buffer.from(await readNamedFile(file, MOST_RECORDING_BYTES)).toString('utf8');
  const { names, trace } = readFlow(text, { file, panel: id, flow });
  const result = await replayFlow({ id, trace, strictness });
  await keepGlass(result.panel, options);
  process.stdout.write(`${options.json ? replayJson(names, result) : replayText(names, result)}\n`);
  if (result.refreshes.length > 0) return;
  throw new SimError('sim.not-displayed', `${file} never drove the glass of ${id} to the end of a refresh`);
}

async function keepGlass(panel: SimPanel, { outFile, ideal }: { outFile: string | undefined; ideal: boolean }) {
  if (outFile === undefined) return;
  const look = ideal ? 'ideal' : 'as-seen';
  await writeNamedFile(outFile, await glassPng(panel.glass, { inks: panel.model.inks, look }));
}

/** One step a line, for people and for diff. */
function lines(trace: Trace): string {
  return `[\n${trace.map((step) => JSON.stringify(step)).join(',\n')}\n]\n`;
}

/** Whoever broke off reading, as `head` does, has read enough. */
process.stdout.on('error', () => undefined);

try {
  await main(process.argv.slice(2));
} catch (error) {
  if (!(error instanceof Error) || !('code' in error)) throw error;
  // A reason may quote the file, whose bytes are nothing for a terminal.
  process.stderr.write(`${error.code}: ${error.message.replaceAll(/\p{Cc}+/gu, ' ')}\n`);
  process.exitCode = USAGE_CODES.includes(error.code) ? EXIT_USAGE : 1;
}
