// The twin's memory. Compiled to WebAssembly, these five are loads and stores of the module's own memory instead.

let bytes = new Uint8Array(0);
let halves = new Uint16Array(0);
let words = new Int32Array(0);

/** Makes the buffer the memory on which the kernel's functions work until the next one is chosen. */
export function useMemory(buffer: ArrayBuffer): void {
  if (bytes.buffer === buffer) return;
  bytes = new Uint8Array(buffer);
  halves = new Uint16Array(buffer);
  words = new Int32Array(buffer);
}

export function byteAt(at: i32): i32 {
  return bytes[at] ?? 0;
}

export function halfAt(at: i32): i32 {
  return halves[at >> 1] ?? 0;
}

export function wordAt(at: i32): i32 {
  return words[at >> 2] ?? 0;
}

export function setByte(at: i32, value: i32): void {
  bytes[at] = value;
}

export function setWord(at: i32, value: i32): void {
  words[at >> 2] = value;
}
