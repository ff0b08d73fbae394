import { readFileSync } from 'node:fs';
import sharp from 'sharp';
import { systemClock } from '../../../../hardware/index.js';
import { dither } from '../../../../render/dither/dither.js';
import { bitsFor } from '../../../../render/frame/pack.js';
import { decodePicture } from '../../../../render/picture/decode.js';
import { WorkloadSchema } from '../workload.js';

// One workload in a process of its own, so that its highest memory is its own; answers in JSON on standard output.
const { photo, width, height, inks, mode, warmUps, rounds, besides } = WorkloadSchema.parse(
  JSON.parse(process.argv[2] ?? '{}'),
);
const bytes = readFileSync(photo);
// As in the product: nothing kept between pictures, one core to a picture.
sharp.cache(false);
sharp.concurrency(1);

const ours: number[] = [];
const yardstick: number[] = [];
for (let round = -warmUps; round < rounds; round += 1) {
  const drawnMs = await msOf(toFrame);
  const decodedMs = besides ? await msOf(decodeAlone) : 0;
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
  const began = systemClock.monotonic();
  await work();
  return systemClock.monotonic() - began;
}
