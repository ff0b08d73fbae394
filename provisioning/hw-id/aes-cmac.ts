import { createCipheriv } from 'node:crypto';

const BLOCK_BYTES = 16;
const ZERO_BLOCK = new Uint8Array(BLOCK_BYTES);
/** RFC 4493, section 2.3: what a bit that is shifted out of a subkey puts back. */
const REDUCTION = 0x87;

/** AES-CMAC with a key of 16 bytes, as RFC 4493 defines it: 16 bytes. */
export function aesCmac(key: Uint8Array, message: Uint8Array): Uint8Array {
  const lastAt = Math.max(0, Math.ceil(message.length / BLOCK_BYTES) - 1) * BLOCK_BYTES;
  return cmacOf(key, message, lastAt + BLOCK_BYTES);
}

/**
 * A tag's own key of 16 bytes, made of one for all tags, the tag's UID and words that keep systems apart (at most 23 bytes).
 * Source: NXP AN10922, key diversification for AES-128: a CMAC over two blocks, however short the input.
 */
export function diversifiedKey(masterKey: Uint8Array, tagUid: string, system: Uint8Array): Uint8Array {
  const input = Buffer.concat([Uint8Array.of(0x01), Buffer.from(tagUid, 'hex'), system]);
  return cmacOf(masterKey, input, 2 * BLOCK_BYTES);
}

/** The CMAC of a message that is padded to so many bytes if it is shorter. */
function cmacOf(key: Uint8Array, message: Uint8Array, paddedBytes: number): Uint8Array {
  const once = doubled(lastBlock(key, ZERO_BLOCK));
  const padded = Buffer.alloc(paddedBytes);
  padded.set(message);
  const isWhole = message.length === paddedBytes;
  if (!isWhole) padded[message.length] = 0x80;
  for (const [at, byte] of (isWhole ? once : doubled(once)).entries()) {
    const place = paddedBytes - BLOCK_BYTES + at;
    padded[place] = (padded[place] ?? 0) ^ byte;
  }
  return lastBlock(key, padded);
}

/** The last block of AES-CBC from a vector of zeros. */
function lastBlock(key: Uint8Array, blocks: Uint8Array): Uint8Array {
  const cipher = createCipheriv('aes-128-cbc', key, ZERO_BLOCK).setAutoPadding(false);
  return Uint8Array.from(cipher.update(blocks).subarray(-BLOCK_BYTES));
}

function doubled(block: Uint8Array): Uint8Array {
  const shifted = block.map((byte, at) => (byte << 1) | ((block[at + 1] ?? 0) >> 7));
  const carry = (block[0] ?? 0) >> 7;
  return shifted.map((byte, at) => (at === BLOCK_BYTES - 1 ? byte ^ (carry * REDUCTION) : byte));
}
