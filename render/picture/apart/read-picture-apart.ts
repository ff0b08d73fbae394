import { type ExecFileException, execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { RenderError } from '../../errors.js';
import { entryFile } from '../../worker/entry-file.js';
import type { Picture } from '../picture.js';
import type { AskedPicture } from '../read.js';
import { pictureFromBytes, REFUSALS } from './answer.js';

/** What reading one picture may take before its process is ended. */
export type ApartLimits = {
  /** Time of the processor. The kernel keeps count, so that the limit holds when nobody here is left to do so. */
  cpuS: number;
  wallMs: number;
  /** Memory that may be written to. Node itself and the drawing library take 125 MB of it. */
  dataMb: number;
};

const LIMITS: ApartLimits = { cpuS: 10, wallMs: 20_000, dataMb: 400 };
const HEAP_LIMIT_MB = 64;
/** What the process may write besides three bytes per pixel: its head, or a message. */
const MOST_OTHER_BYTES = 4096;

/**
 * Reads a picture in a process of its own. An SVG is a program: a kilobyte of references can keep the drawing library
 * busy for hours, and a picture inside it can take gigabytes, where neither its own time limit nor ending the thread
 * stops it. A TIFF may keep its pixels in one piece of any size, and what AV1 takes shows only while it is decoded.
 *
 * @throws `render.picture-too-many-pixels`, `render.picture-broken`, `render.failed` when no process can be started
 */
export function readPictureApart(
  bytes: Uint8Array,
  asked: AskedPicture,
  limits: ApartLimits = LIMITS,
): Promise<Picture> {
  const { type, place, fit, paper = 'white' } = asked;
  const { url, execArgv } = entryFile('../picture/apart/main');
  // The shell sets the limits for itself, then becomes Node; no core file tells of a picture that broke them.
  const script = `ulimit -c 0 && ulimit -t ${limits.cpuS} && ulimit -d ${limits.dataMb * 1024} && exec "$0" "$@"`;
  const node = [process.execPath, `--max-old-space-size=${HEAP_LIMIT_MB}`, ...execArgv, fileURLToPath(url)];
  const args = ['-c', script, ...node, type, `${place.width}`, `${place.height}`, fit, paper];
  const maxBuffer = place.width * place.height * 3 + MOST_OTHER_BYTES;
  const options = { encoding: 'buffer', maxBuffer, timeout: limits.wallMs, killSignal: 'SIGKILL' } as const;
  return new Promise((resolve, reject) => {
    const child = execFile('/bin/sh', args, options, (error, output) => {
      const picture = error === null ? pictureFromBytes(output) : undefined;
      if (picture === undefined) reject(refusalOf(error, output, asked, limits));
      else resolve(picture);
    });
    // A process that was ended does not read on; how it ended says why.
    child.stdin?.on('error', () => {});
    child.stdin?.end(bytes);
  });
}

function refusalOf(
  error: ExecFileException | null,
  output: Buffer,
  { type }: AskedPicture,
  { cpuS, dataMb }: ApartLimits,
): RenderError {
  const refusal = Object.entries(REFUSALS).find(([exitCode]) => Number(exitCode) === error?.code);
  if (refusal !== undefined) return new RenderError(refusal[1], output.toString('utf8'), { cause: error });
  if (error?.syscall !== undefined) {
    return new RenderError('render.failed', `no process to read a picture in: ${error.message}`, { cause: error });
  }
  const facts = `the ${type} cannot be read, or takes more than ${cpuS} s of the processor or ${dataMb} MB`;
  return new RenderError('render.picture-broken', facts, { cause: error });
}
