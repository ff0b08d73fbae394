export type Ntag21xModel = keyof typeof NTAG21X;

export const PAGE_BYTES = 4;
export const STATIC_LOCK_PAGE = 0x02;
export const CC_PAGE = 0x03;
export const FIRST_USER_PAGE = 0x04;
/** The first page that a bit of the dynamic lock page speaks for. */
export const FIRST_DYNAMIC_PAGE = 0x10;

/**
 * What differs between the chips. `dynamicLockPage` is followed by two pages of configuration, the password and PACK, and
 * ends the user area; `dynamicLocks` are the lock bits of its bytes 0 and 1 and the block-lock bits of its byte 2.
 * Source: NXP NTAG213/215/216 data sheet, memory organization and GET_VERSION.
 */
export const NTAG21X = {
  ntag213: {
    pages: 0x2d,
    ccSize: 0x12,
    dynamicLockPage: 0x28,
    pagesPerLock: 2,
    dynamicLocks: [0xff, 0x0f, 0x3f],
    storage: 0x0f,
    userArea: [0x01, 0x03, 0xa0, 0x0c, 0x34, 0x03, 0x00, 0xfe],
  },
  ntag215: {
    pages: 0x87,
    ccSize: 0x3e,
    dynamicLockPage: 0x82,
    pagesPerLock: 16,
    dynamicLocks: [0xff, 0x00, 0x0f],
    storage: 0x11,
    userArea: [0x03, 0x00, 0xfe],
  },
  ntag216: {
    pages: 0xe7,
    ccSize: 0x6d,
    dynamicLockPage: 0xe2,
    pagesPerLock: 16,
    dynamicLocks: [0xff, 0x3f, 0x7f],
    storage: 0x13,
    userArea: [0x03, 0x00, 0xfe],
  },
} as const;

/** The memory of a chip as it leaves the factory. */
export function factoryMemory(model: Ntag21xModel, uid: Uint8Array): Uint8Array {
  const { pages, ccSize, dynamicLockPage, userArea } = NTAG21X[model];
  const memory = new Uint8Array(pages * PAGE_BYTES);
  const [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0, g = 0] = uid;
  memory.set([a, b, c, CASCADE_TAG ^ a ^ b ^ c, d, e, f, g, d ^ e ^ f ^ g, 0x48, 0x00, 0x00]);
  memory.set([0xe1, 0x10, ccSize, 0x00, ...userArea], CC_PAGE * PAGE_BYTES);
  memory.set([0x00, 0x00, 0x00, 0xbd], dynamicLockPage * PAGE_BYTES);
  // No mirror, nothing protected; the password is all ones.
  memory.set([0x04, 0x00, 0x00, 0xff, 0x00, 0x05, 0x00, 0x00], (dynamicLockPage + 1) * PAGE_BYTES);
  memory.set([0xff, 0xff, 0xff, 0xff, 0x00, 0x00, 0x00, 0x00], (dynamicLockPage + 3) * PAGE_BYTES);
  return memory;
}

const CASCADE_TAG = 0x88;
