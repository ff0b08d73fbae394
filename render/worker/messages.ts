import type { RenderErrorCode } from '../errors.js';
import type { RenderInput, RenderTarget } from '../input.js';
import type { Rendered } from '../rendered.js';

/** What the renderer tells its worker when it starts. */
export type WorkerSettings = { cacheDir: string | undefined };

/** Nobody waits for the job of this id any more; it is answered all the same, sooner. */
export type Cancel = { cancel: number };

/** One job; the worker does one at a time and answers each with its id. */
export type Job = { id: number; input: RenderInput; target: RenderTarget };

export type Answer =
  | { id: number; ok: true; rendered: Rendered }
  | { id: number; ok: false; code: RenderErrorCode; message: string };
