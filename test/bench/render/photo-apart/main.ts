import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import sharp from 'sharp';
import { dither } from '../../../../render/dither/dither.js';
import { bitsFor } from '../../../../render/frame/pack.js';
import { decodePicture } from '../../../../render/picture/decode.js';

// One workload in a process of its own, so that its highest memory is its own: nothing is loaded here but what draws.
// Answers in JSON on standard output.
const { values } = parseArgs({
  options: {
    photo: { type: 'string', default: '' },
    width: { type: 'string', default: '' },
    height: { type: 'string', default: '' },
    inks: { type: 'string', default: '' },
    stable: { type: 'boolean', default: false },
    'warm-ups': { type: 'string', default: '0' },
    rounds: { type: 'string', default: '1' },
    besides: { type: 'boolean', default: false },
  },
});
const [width, height] = [Number(values.width), Number(values.height)];
const inks = values.inks.split(',');
const mode = values.stable ? 'stable' : 'normal';
const bytes = readFileSync(values.photo);
// As in the product: nothing kept between pictures, one core to a picture.
sharp.cache(false);
sharp.concurrency(1);

const ours: number[] = [];
const yardstick: number[] = [];
for (let round = -Number(values['warm-ups']); round < Number(values.rounds); round += 1) {
  const drawnMs = await msOf(toFrame);
  const decodedMs = values.besides ? await msOf(decodeAlone) : 0;
  if (round < 0) continue;
  ours.push(drawnMs);
  yardstick.push(decodedMs);
}
process.stdout.write(JSON.stringify({ ours, yardstick, peakKib: process.resourceUsage().maxRSS }));

async function toFrame(): Promise<void> {
  const picture = await decodePicture(bytes, { width, height }, 'fill');
  const { data } = await dither(picture, { inks, mode });
  if (data.length !== Math.ceil((width * bitsFor(inks.length)) / 8) * height) process.exitCode = 1;
}

/** What nobody who uses sharp can do without: the file decoded and made as large as the panel. */
async function decodeAlone(): Promise<void> {
  await sharp(bytes).resize(width, height, { fit: 'cover' }).raw().toBuffer();
}

async function msOf(work: () => Promise<void>): Promise<number> {
  const began = performance.now();
  await work();
  return performance.now() - began;
}
