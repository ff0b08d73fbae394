import assert from 'node:assert';
import { parentPort, workerData } from 'node:worker_threads';
import { RenderError } from '../errors.js';
import { prepareDrawing } from '../prepare.js';
import { renderInput } from '../render-input.js';
import type { Answer, Cancel, Job, WorkerSettings } from './messages.js';

assert(parentPort !== null, 'this file is the entry of a worker thread');
const port = parentPort;
const settings: WorkerSettings = workerData;

/** Of the jobs that are not answered. */
const underWay = new Map<number, AbortController>();

port.on('message', (message: Job | Cancel) => {
  if ('cancel' in message) underWay.get(message.cancel)?.abort();
  else void answer(message);
});

async function answer(job: Job): Promise<void> {
  const controller = new AbortController();
  underWay.set(job.id, controller);
  const answered = await result(job, controller.signal);
  underWay.delete(job.id);
  port.postMessage(answered);
}

async function result({ id, input, target }: Job, signal: AbortSignal): Promise<Answer> {
  try {
    await prepareDrawing(settings.cacheDir);
    return { id, ok: true, rendered: await renderInput(input, target, signal) };
  } catch (error) {
    if (error instanceof RenderError) return { id, ok: false, code: error.code, message: error.message };
    return { id, ok: false, code: 'render.failed', message: String(error) };
  }
}
