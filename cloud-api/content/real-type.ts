/** The first bytes, in hex, by which a type is known. Sources: PNG 1.2, JFIF 1.02, GIF89a, RFC 9649 (WebP), ISO 32000. */
const SIGNATURES: Record<string, RegExp> = {
  'image/png': /^89504e470d0a1a0a/,
  'image/jpeg': /^ffd8ff/,
  'image/gif': /^47494638(37|39)61/,
  'image/webp': /^52494646.{8}57454250/,
  'application/pdf': /^255044462d/,
};

const HEAD_BYTES = 16;
const SVG = /^\uFEFF?\s*</;

/** Whether the bytes are what their content type says, as far as their beginning and their encoding tell. */
export function isRealType(bytes: Uint8Array, contentType: string): boolean {
  const signature = SIGNATURES[contentType];
  if (signature !== undefined) return signature.test(Buffer.from(bytes.subarray(0, HEAD_BYTES)).toString('hex'));
  const text = textOf(bytes);
  if (text === undefined) return false;
  return contentType !== 'image/svg+xml' || (SVG.test(text) && text.includes('<svg'));
}

/** Bytes as text in UTF-8; undefined when they are not, or hold U+0000. */
export function textOf(bytes: Uint8Array): string | undefined {
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    return text.includes('\0') ? undefined : text;
  } catch {
    return undefined;
  }
}
