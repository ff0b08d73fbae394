import { decode, encode } from 'cborg';

export type PayloadFormat = 'json' | 'cbor';

/** Throws whatever the decoder throws on a payload that is not of its format. */
export function decodePayload(format: PayloadFormat, payload: Buffer): unknown {
  return format === 'json' ? JSON.parse(payload.toString('utf8')) : decode(payload, { rejectDuplicateMapKeys: true });
}

export function encodePayload(format: PayloadFormat, body: object): Buffer {
  return Buffer.from(format === 'json' ? JSON.stringify(body) : encode(body));
}
