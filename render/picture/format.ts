import { constants, gunzipSync } from 'node:zlib';

/** The content types of the pictures that render reads. */
export const PICTURE_TYPES = [
  'image/png',
  'image/jpeg',
  'image/gif',
  'image/webp',
  'image/avif',
  'image/tiff',
  'image/svg+xml',
] as const;

export type PictureType = (typeof PICTURE_TYPES)[number];

/** What people call them, for messages. */
export const PICTURE_NAMES = 'PNG, JPEG, GIF, WebP, AVIF, TIFF or SVG';

/** libvips itself looks for an SVG's beginning no further than this. */
const HEAD_BYTES = 1000;
/** No kilobyte of gzip holds more. */
const MOST_HEAD_BYTES = 2 * 1024 * 1024;

/** The first bytes, in hex. Sources: PNG 1.2, JFIF 1.02, GIF89a, RFC 9649 (WebP), TIFF 6.0, BigTIFF. */
const SIGNATURES: readonly (readonly [PictureType, RegExp])[] = [
  ['image/png', /^89504e470d0a1a0a/],
  ['image/jpeg', /^ffd8ff/],
  ['image/gif', /^47494638(?:37|39)61/],
  ['image/webp', /^52494646.{8}57454250/],
  ['image/tiff', /^(?:4949(?:2a|2b)00|4d4d00(?:2a|2b))/],
];
const GZIP = /^1f8b08/;
const SVG_START = /^\ufeff?\s*(?:<\?xml|<!--|<!DOCTYPE\s+svg|<svg)/i;

/** The kind of a picture by how its bytes begin, whatever its name says; an SVG may be packed with gzip. */
export function pictureTypeOf(bytes: Uint8Array): PictureType | undefined {
  const head = Buffer.from(bytes.subarray(0, HEAD_BYTES));
  const hex = head.toString('hex', 0, 16);
  const known = SIGNATURES.find(([, signature]) => signature.test(hex));
  if (known !== undefined) return known[0];
  const brands = brandsOf(head);
  if (brands.length > 0) return isAv1(brands) ? 'image/avif' : undefined;
  const text = (GZIP.test(hex) ? unpacked(head) : head).toString('utf8', 0, HEAD_BYTES);
  return SVG_START.test(text) && text.includes('<svg') ? 'image/svg+xml' : undefined;
}

/** Whether the bytes are a picture as telephones keep it, in HEVC, for which no free decoder is at hand. */
export function isHevc(bytes: Uint8Array): boolean {
  const brands = brandsOf(Buffer.from(bytes.subarray(0, HEAD_BYTES)));
  return brands.some((brand) => HEVC_BRANDS.test(brand)) && !isAv1(brands);
}

/** ISO/IEC 23008-12, annex B. */
const HEVC_BRANDS = /^he(?:i[cxms]|v[cxms])$/;
/** AV1 Image File Format 1.1, section 6; the second pair says no more than that it is a picture or several. */
const AV1_BRANDS = ['avif', 'avis'];
const ANY_BRANDS = ['mif1', 'msf1'];

function isAv1(brands: readonly string[]): boolean {
  if (AV1_BRANDS.some((brand) => brands.includes(brand))) return true;
  return ANY_BRANDS.some((brand) => brands.includes(brand)) && !brands.some((brand) => HEVC_BRANDS.test(brand));
}

/** The brands that a file of ISO/IEC 14496-12 names at its beginning; none for any other file. */
function brandsOf(head: Buffer): string[] {
  if (head.toString('latin1', 4, 8) !== 'ftyp') return [];
  const words = head.subarray(0, head.readUInt32BE(0)).toString('latin1').match(/.{4}/gs) ?? [];
  return words.filter((_, index) => index === 2 || index > 3);
}

function unpacked(head: Buffer): Buffer {
  try {
    return gunzipSync(head, { finishFlush: constants.Z_SYNC_FLUSH, maxOutputLength: MOST_HEAD_BYTES });
  } catch {
    return Buffer.alloc(0);
  }
}
