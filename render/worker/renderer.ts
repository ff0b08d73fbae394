import { SHARE_ENV, Worker } from 'node:worker_threads';
import type { Frame } from '../../hardware/index.js';
import { RenderError } from '../errors.js';
import type { RenderInput, RenderTarget } from '../input.js';
import type { RenderWarning } from '../rendered.js';
import { entryFile } from './entry-file.js';
import type { Answer, Cancel, Job, WorkerSettings } from './messages.js';

export type RendererOptions = {
  /** Where the font configuration and its cache lie; left out, a folder of this user's among the temporary files. */
  cacheDir?: string;
  /** What one job may take before its worker is ended. */
  jobLimitMs?: number;
  /** What JavaScript may take in the worker; the drawing library's own memory is bounded by the size of pictures. */
  memoryLimitMb?: number;
  /** Gives a signal that aborts after so many milliseconds; for tests that do not wait. */
  deadline?: (limitMs: number) => AbortSignal;
};

/** Draws in one worker thread, so that the thread that asks goes on listening to its wires. */
export interface Renderer {
  /**
   * Draws the input for the target, after the jobs that were asked before; the same bytes as `renderFrame`.
   * When `signal` aborts, rejects with its reason, and the worker turns to the next job. `tell` hears what came out worse than it was asked for.
   * @throws `RenderError` with any code
   */
  render(
    input: RenderInput,
    target: RenderTarget,
    signal?: AbortSignal,
    tell?: (warning: RenderWarning) => void,
  ): Promise<Frame>;
  /** Ends the worker; what was still asked rejects with `render.stopped`. */
  stop(): Promise<void>;
}

const JOB_LIMIT_MS = 30_000;
const MEMORY_LIMIT_MB = 192;
/** Room for what lives shortly; with more, a worker keeps 20 MB that it does not need. */
const YOUNG_MEMORY_LIMIT_MB = 4;
const ENTRY = entryFile('./main');

/** A renderer whose worker starts with the first job, and again with the next job after it died. */
export function startRenderer(options: RendererOptions = {}): Renderer {
  return new WorkerRenderer(options);
}

type Asked = {
  job: Job;
  signal: AbortSignal | undefined;
  tell: ((warning: RenderWarning) => void) | undefined;
  resolve: (frame: Frame) => void;
  reject: (reason: unknown) => void;
};

class WorkerRenderer implements Renderer {
  readonly #options: RendererOptions;
  readonly #waiting: Asked[] = [];
  #running: Asked | undefined;
  #worker: Worker | undefined;
  #stopped = false;
  #lastId = 0;

  constructor(options: RendererOptions) {
    this.#options = options;
  }

  render(
    input: RenderInput,
    target: RenderTarget,
    signal?: AbortSignal,
    tell?: (warning: RenderWarning) => void,
  ): Promise<Frame> {
    let forget: (() => void) | undefined;
    const drawn = new Promise<Frame>((resolve, reject) => {
      if (this.#stopped) {
        reject(new RenderError('render.stopped', 'the renderer is stopped'));
        return;
      }
      this.#lastId += 1;
      const id = this.#lastId;
      const giveUp = () => {
        reject(signal?.reason);
        this.#cancel(id);
      };
      if (signal?.aborted) {
        giveUp();
        return;
      }
      signal?.addEventListener('abort', giveUp, { once: true });
      forget = () => signal?.removeEventListener('abort', giveUp);
      this.#waiting.push({ job: { id, input, target }, signal, tell, resolve, reject });
      this.#next();
    });
    return drawn.finally(() => forget?.());
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    const error = new RenderError('render.stopped', 'the renderer was stopped before the job was done');
    for (const asked of this.#waiting.splice(0)) asked.reject(error);
    await this.#end(error);
  }

  #next(): void {
    if (this.#running !== undefined) return;
    const asked = this.#waiting.shift();
    if (asked === undefined) return;
    if (asked.signal?.aborted) {
      asked.reject(asked.signal.reason);
      this.#next();
      return;
    }
    this.#running = asked;
    const limitMs = this.#options.jobLimitMs ?? JOB_LIMIT_MS;
    const deadline = this.#options.deadline?.(limitMs) ?? AbortSignal.timeout(limitMs);
    const { id } = asked.job;
    const timeUp = new RenderError('render.timeout', `the job took longer than ${limitMs} ms`);
    deadline.addEventListener('abort', () => {
      if (this.#running?.job.id === id) void this.#end(timeUp);
    });
    this.#worker ??= this.#start();
    this.#worker.postMessage(asked.job);
  }

  /** One that waits is dropped when its turn comes. */
  #cancel(id: number): void {
    if (this.#running?.job.id !== id) return;
    const message: Cancel = { cancel: id };
    this.#worker?.postMessage(message);
  }

  #start(): Worker {
    const workerData: WorkerSettings = { cacheDir: this.#options.cacheDir };
    const worker = new Worker(ENTRY.url, {
      workerData,
      // fontconfig reads the environment of the process, of which a worker otherwise has only a copy.
      env: SHARE_ENV,
      execArgv: ENTRY.execArgv,
      resourceLimits: {
        maxOldGenerationSizeMb: this.#options.memoryLimitMb ?? MEMORY_LIMIT_MB,
        maxYoungGenerationSizeMb: YOUNG_MEMORY_LIMIT_MB,
      },
    });
    worker.on('message', (answer: Answer) => this.#settle(worker, answer));
    worker.on('error', (cause) => this.#lose(worker, cause));
    worker.on('exit', (code) => this.#lose(worker, `exit code ${code}`));
    return worker;
  }

  #settle(worker: Worker, answer: Answer): void {
    const asked = this.#running;
    if (worker !== this.#worker || asked?.job.id !== answer.id) return;
    this.#running = undefined;
    if (answer.ok) {
      for (const warning of answer.rendered.warnings) asked.tell?.(warning);
      asked.resolve(answer.rendered.frame);
    } else asked.reject(new RenderError(answer.code, answer.message));
    this.#next();
  }

  #lose(worker: Worker, cause: unknown): void {
    if (worker !== this.#worker) return;
    const outOfMemory = cause instanceof Error && 'code' in cause && cause.code === 'ERR_WORKER_OUT_OF_MEMORY';
    const code = outOfMemory ? 'render.out-of-memory' : 'render.worker-died';
    void this.#end(new RenderError(code, `the worker ended in the middle of a job: ${String(cause)}`, { cause }));
  }

  /** Ends the worker for good, fails what it was doing, and goes on with the next job in another. */
  async #end(error: RenderError): Promise<void> {
    const worker = this.#worker;
    const asked = this.#running;
    this.#worker = undefined;
    this.#running = undefined;
    asked?.reject(error);
    this.#next();
    await worker?.terminate();
  }
}
