import { buffer } from 'node:stream/consumers';
import sharp from 'sharp';
import { z } from 'zod';
import { RenderError } from '../../errors.js';
import { PICTURE_TYPES } from '../format.js';
import { readPicture } from '../read.js';
import { pictureToBytes, REFUSALS } from './answer.js';

const SideSchema = z.coerce.number().int().positive();
const ArgumentsSchema = z.tuple([
  z.enum(PICTURE_TYPES),
  SideSchema,
  SideSchema,
  z.enum(['fit', 'fill']),
  z.enum(['white', 'black']),
]);

const [type, width, height, fit, paper] = ArgumentsSchema.parse(process.argv.slice(2));
sharp.cache(false);
sharp.concurrency(1);

try {
  const asked = { type, place: { width, height }, fit, paper };
  process.stdout.write(pictureToBytes(await readPicture(await buffer(process.stdin), asked)));
} catch (error) {
  const refusal = Object.entries(REFUSALS).find(([, code]) => error instanceof RenderError && error.code === code);
  if (refusal === undefined || !(error instanceof RenderError)) throw error;
  process.exitCode = Number(refusal[0]);
  process.stdout.write(error.message);
}
