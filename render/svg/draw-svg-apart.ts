import { type ExecFileException, execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { RenderError } from '../errors.js';
import type { Fit } from '../input.js';
import type { Picture, Place } from '../picture/read.js';
import { entryFile } from '../worker/entry-file.js';
import { pictureFromBytes, REFUSALS } from './answer.js';

/** What one drawing may take before its process is ended. */
export type SvgLimits = {
  /** Time of the processor. The kernel keeps count, so that the limit holds when nobody here is left to do so. */
  cpuS: number;
  wallMs: number;
  /** Memory that may be written to. Node itself and the drawing library take 125 MB of it. */
  dataMb: number;
};

const LIMITS: SvgLimits = { cpuS: 10, wallMs: 20_000, dataMb: 400 };
const HEAP_LIMIT_MB = 64;
/** What the process may write besides three bytes per pixel: its head, or a message. */
const MOST_OTHER_BYTES = 4096;

/**
 * Draws an SVG in a process of its own. An SVG is a program: a kilobyte of references can keep the drawing library busy
 * for hours, and a picture inside it can take gigabytes, where neither its own time limit nor ending the thread stops it.
 *
 * @throws `render.picture-too-many-pixels`, `render.picture-broken`, `render.failed` when no process can be started
 */
export function drawSvgApart(bytes: Uint8Array, place: Place, fit: Fit, limits: SvgLimits = LIMITS): Promise<Picture> {
  const { url, execArgv } = entryFile('../svg/main');
  // The shell sets the limits for itself, then becomes Node; no core file tells of a drawing that broke them.
  const script = `ulimit -c 0 && ulimit -t ${limits.cpuS} && ulimit -d ${limits.dataMb * 1024} && exec "$0" "$@"`;
  const node = [process.execPath, `--max-old-space-size=${HEAP_LIMIT_MB}`, ...execArgv, fileURLToPath(url)];
  const args = ['-c', script, ...node, `${place.width}`, `${place.height}`, fit];
  const maxBuffer = place.width * place.height * 3 + MOST_OTHER_BYTES;
  const options = { encoding: 'buffer', maxBuffer, timeout: limits.wallMs, killSignal: 'SIGKILL' } as const;
  return new Promise((resolve, reject) => {
    const child = execFile('/bin/sh', args, options, (error, output) => {
      const picture = error === null ? pictureFromBytes(output) : undefined;
      if (picture === undefined) reject(refusalOf(error, output, limits));
      else resolve(picture);
    });
    // A process that was ended does not read on; how it ended says why.
    child.stdin?.on('error', () => {});
    child.stdin?.end(bytes);
  });
}

function refusalOf(error: ExecFileException | null, output: Buffer, { cpuS, dataMb }: SvgLimits): RenderError {
  const refusal = Object.entries(REFUSALS).find(([exitCode]) => Number(exitCode) === error?.code);
  if (refusal !== undefined) return new RenderError(refusal[1], output.toString('utf8'), { cause: error });
  if (error?.syscall !== undefined) {
    return new RenderError('render.failed', `no process to draw an SVG in: ${error.message}`, { cause: error });
  }
  const facts = `the SVG cannot be drawn, or takes more than ${cpuS} s of the processor or ${dataMb} MB`;
  return new RenderError('render.picture-broken', facts, { cause: error });
}
