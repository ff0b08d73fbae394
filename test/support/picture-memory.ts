import { readFileSync } from 'node:fs';
import sharp from 'sharp';
import { decodePicture } from '../../render/picture/decode.js';

/** Entry of a process of its own: reads the picture of the file named by its argument, prints by how many MB it grew at most. */
const [, , file = ''] = process.argv;
sharp.cache(false);
sharp.concurrency(1);
const bytes = readFileSync(file);
const beforeMb = process.resourceUsage().maxRSS / 1024;
await decodePicture(bytes, { width: 800, height: 480 }, 'fill');
process.stdout.write(`${Math.round(process.resourceUsage().maxRSS / 1024 - beforeMb)}\n`);
