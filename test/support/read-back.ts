import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import sharp from 'sharp';

const run = promisify(execFile);

/** Programs that read print are trained on 300 dots an inch, where a line is some 40 high. */
const LINE_OF_PRINT_PX = 40;
const MARGIN_PX = 40;

/**
 * What Tesseract reads in a picture of lines of text `sizePx` high, spaces and line ends as single spaces.
 * The Debian package `tesseract-ocr` brings it; without it this fails.
 */
export async function readBack(png: Uint8Array, sizePx: number): Promise<string> {
  const { width } = await sharp(png).metadata();
  const scale = Math.max(2, Math.round(LINE_OF_PRINT_PX / sizePx));
  const enlarged = await sharp(png)
    .resize({ width: width * scale, kernel: 'cubic' })
    .extend({ top: MARGIN_PX, bottom: MARGIN_PX, left: MARGIN_PX, right: MARGIN_PX, background: '#ffffff' })
    .png()
    .toBuffer();
  const args = ['stdin', 'stdout', '-l', 'eng', '--psm', '6', '--dpi', '300'];
  const reading = run('tesseract', args, { env: { PATH: '/usr/bin:/bin', OMP_THREAD_LIMIT: '1' } });
  // A program that is not there breaks the pipe too, and says why itself.
  reading.child.stdin?.on('error', () => undefined).end(enlarged);
  const { stdout } = await reading.catch((cause: unknown) => {
    throw new Error('Tesseract did not read: is the Debian package tesseract-ocr installed?', { cause });
  });
  return stdout.replace(/\s+/g, ' ').trim();
}

/** How many letters have to be put in, taken out or changed to make one text the other. */
export function letterErrors(one: string, other: string): number {
  let before = Array.from({ length: other.length + 1 }, (_, at) => at);
  for (const [row, letter] of [...one].entries()) {
    const here = [row + 1];
    for (const [at, otherLetter] of [...other].entries()) {
      const changed = (before[at] ?? 0) + (letter === otherLetter ? 0 : 1);
      here.push(Math.min(changed, (before[at + 1] ?? 0) + 1, (here[at] ?? 0) + 1));
    }
    before = here;
  }
  return before.at(-1) ?? 0;
}
