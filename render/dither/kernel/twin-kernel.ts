import { colourNormal, colourStable } from './colour.js';
import { greyNormal, greyStable } from './grey.js';
import type { Kernel } from './kernel.js';
import { useMemory } from './memory.js';

/** The kernel's source as TypeScript runs it, for where there is no WebAssembly: the same bytes, more slowly. */
export function twinKernel(): Kernel {
  let buffer = new ArrayBuffer(0);
  return {
    memory: (leastBytes) => {
      if (buffer.byteLength < leastBytes) buffer = new ArrayBuffer(Math.ceil(leastBytes / 4) * 4);
      return new Uint8Array(buffer);
    },
    greyNormal: (...places) => {
      useMemory(buffer);
      greyNormal(...places);
    },
    greyStable: (...places) => {
      useMemory(buffer);
      greyStable(...places);
    },
    colourNormal: (...places) => {
      useMemory(buffer);
      colourNormal(...places);
    },
    colourStable: (...places) => {
      useMemory(buffer);
      colourStable(...places);
    },
  };
}
