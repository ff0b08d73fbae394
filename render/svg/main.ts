import { buffer } from 'node:stream/consumers';
import sharp from 'sharp';
import { RenderError } from '../errors.js';
import { readPicture } from '../picture/read.js';
import { pictureToBytes, REFUSALS } from './answer.js';

const [width, height, fit] = process.argv.slice(2);
sharp.cache(false);
sharp.concurrency(1);

try {
  const place = { width: Number(width), height: Number(height) };
  const picture = await readPicture(await buffer(process.stdin), 'svg', place, fit === 'fill' ? 'fill' : 'fit');
  process.stdout.write(pictureToBytes(picture));
} catch (error) {
  const refusal = Object.entries(REFUSALS).find(([, code]) => error instanceof RenderError && error.code === code);
  if (refusal === undefined || !(error instanceof RenderError)) throw error;
  process.exitCode = Number(refusal[0]);
  process.stdout.write(error.message);
}
