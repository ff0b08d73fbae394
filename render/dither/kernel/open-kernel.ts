import type { Kernel } from './kernel.js';
import { twinKernel } from './twin-kernel.js';
import { wasmKernels } from './wasm-kernel.js';

/** Beside this file where the product is built; from source there is none, and the twin draws. */
const FILE = new URL('./kernel.wasm', import.meta.url);

let open: (() => Kernel) | undefined;
let idle: Kernel | undefined;

/** A kernel for one picture; hand it to `keepKernel` when it is done. */
export function openKernel(): Kernel {
  const kernel = idle;
  idle = undefined;
  if (kernel !== undefined) return kernel;
  open ??= wasmKernels(FILE) ?? twinKernel;
  return open();
}

/** Keeps one kernel with its memory for the next picture. */
export function keepKernel(kernel: Kernel): void {
  idle = kernel;
}
