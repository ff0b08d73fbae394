import { existsSync, readFileSync } from 'node:fs';
import type { Kernel } from './kernel.js';

const PAGE_BYTES = 65_536;

/** Kernels from the module in this file; undefined where there is no file, or no WebAssembly that can run it. */
export function wasmKernels(file: URL): (() => Kernel) | undefined {
  if (typeof WebAssembly === 'undefined' || !existsSync(file)) return undefined;
  try {
    const module = new WebAssembly.Module(readFileSync(file));
    kernelOf(module);
    return () => kernelOf(module);
  } catch {
    // A file cut short, or an engine without the memory: the twin draws the same.
    return undefined;
  }
}

function kernelOf(module: object): Kernel {
  const { memory, ...ways } = new WebAssembly.Instance(module, {}).exports;
  return {
    ...ways,
    memory: (leastBytes) => {
      const missing = leastBytes - memory.buffer.byteLength;
      if (missing > 0) memory.grow(Math.ceil(missing / PAGE_BYTES));
      return new Uint8Array(memory.buffer);
    },
  };
}
