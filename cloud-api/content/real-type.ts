import { pictureTypeOf } from '../../render/index.js';

/** ISO 32000-2, section 7.5.2. */
const PDF = '%PDF-';
const SVG = /^\uFEFF?\s*</;

/** Whether the bytes are what their content type says, as far as their beginning and their encoding tell. */
export function isRealType(bytes: Uint8Array, contentType: string): boolean {
  if (contentType === 'application/pdf') return Buffer.from(bytes.subarray(0, PDF.length)).toString('latin1') === PDF;
  const isVector = contentType === 'image/svg+xml';
  if (contentType.startsWith('image/') && !isVector) return pictureTypeOf(bytes) === contentType;
  const text = textOf(bytes);
  if (text === undefined) return false;
  return !isVector || (SVG.test(text) && text.includes('<svg'));
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
