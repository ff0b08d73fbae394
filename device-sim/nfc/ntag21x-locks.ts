import {
  CC_PAGE,
  FIRST_DYNAMIC_PAGE,
  NTAG21X,
  type Ntag21xModel,
  PAGE_BYTES,
  STATIC_LOCK_PAGE,
} from './ntag21x-layout.js';

/** Whether a lock bit keeps a page as it is. */
export function isLocked(model: Ntag21xModel, memory: Uint8Array, page: number): boolean {
  const { dynamicLockPage, pagesPerLock } = NTAG21X[model];
  if (page < CC_PAGE || page >= dynamicLockPage) return false;
  const [lockPage, first, bit] =
    page < FIRST_DYNAMIC_PAGE
      ? [STATIC_LOCK_PAGE, 2, page]
      : [dynamicLockPage, 0, Math.floor((page - FIRST_DYNAMIC_PAGE) / pagesPerLock)];
  const bits = byteAt(memory, lockPage, first) | (byteAt(memory, lockPage, first + 1) << 8);
  return (bits & (1 << bit)) !== 0;
}

/** What a page holds after it was written with these bytes: bits of locks and of the capability container only ever get set. */
export function merged(model: Ntag21xModel, memory: Uint8Array, page: number, bytes: Uint8Array): Uint8Array {
  const held = memory.slice(page * PAGE_BYTES, (page + 1) * PAGE_BYTES);
  const settable = settableBits(model, memory, page);
  return settable === undefined ? bytes : held.map((old, at) => old | ((bytes[at] ?? 0) & (settable[at] ?? 0)));
}

/** Which bits of an OR-only page a write may set; undefined for pages that take what they are given. */
function settableBits(model: Ntag21xModel, memory: Uint8Array, page: number): readonly number[] | undefined {
  const { dynamicLockPage, dynamicLocks } = NTAG21X[model];
  if (page === CC_PAGE) return [0xff, 0xff, 0xff, 0xff];
  if (page === STATIC_LOCK_PAGE) {
    const blocks = byteAt(memory, STATIC_LOCK_PAGE, 2);
    const low = ((blocks & 1) * 0x08) | ((blocks & 2) === 0 ? 0 : 0xf0);
    const high = ((blocks & 2) === 0 ? 0 : 0x03) | ((blocks & 4) === 0 ? 0 : 0xfc);
    return [0, 0, 0xff & ~low, 0xff & ~high];
  }
  if (page !== dynamicLockPage) return undefined;
  const blocks = byteAt(memory, dynamicLockPage, 2);
  let frozen = 0;
  // Each block-lock bit freezes two lock bits.
  for (let bit = 0; bit < 8; bit += 1) if ((blocks & (1 << bit)) !== 0) frozen |= 0b11 << (2 * bit);
  const [low, high, block] = dynamicLocks;
  return [low & ~frozen, high & ~(frozen >> 8), block, 0];
}

function byteAt(memory: Uint8Array, page: number, index: number): number {
  return memory[page * PAGE_BYTES + index] ?? 0;
}
