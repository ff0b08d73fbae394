import assert from 'node:assert';
import { parentPort, workerData } from 'node:worker_threads';
import { RenderError } from '../errors.js';
import { prepareDrawing } from '../prepare.js';
import { renderInput } from '../render-input.js';
import type { Answer, Job, WorkerSettings } from './messages.js';

assert(parentPort !== null, 'this file is the entry of a worker thread');
const port = parentPort;
const settings: WorkerSettings = workerData;

port.on('message', (job: Job) => {
  void answer(job);
});

async function answer({ id, input, target }: Job): Promise<void> {
  port.postMessage(await result(id, input, target));
}

async function result(id: number, input: Job['input'], target: Job['target']): Promise<Answer> {
  try {
    await prepareDrawing(settings.cacheDir);
    return { id, ok: true, rendered: await renderInput(input, target) };
  } catch (error) {
    if (error instanceof RenderError) return { id, ok: false, code: error.code, message: error.message };
    return { id, ok: false, code: 'render.failed', message: String(error) };
  }
}
