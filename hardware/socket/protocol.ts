import { z } from 'zod';
import { HardwareError } from '../errors.js';
import type { PanelLine } from '../ports.js';

/**
 * The ports over a stream: each message is the length of the rest (32 bits, big-endian), one byte that says what it is,
 * and a payload. Every request gets one answer, in the order of the requests.
 *
 * `hello` is answered by what is there, as JSON. The requests to a panel begin with its place in that list;
 * `spiTransfer` goes on with the bytes, `gpioSet` with line and level, `gpioGet` with the line and is answered by the
 * level. `nfcAtr` is answered by the ATR or nothing, `nfcTransmit` carries an APDU and is answered by the tag's.
 */
export const HARDWARE_OPS = { hello: 0, spiTransfer: 1, gpioSet: 2, gpioGet: 3, nfcAtr: 4, nfcTransmit: 5 } as const;

/** What an answer is: done with its payload, or not done, with the reason in UTF-8. */
export const HARDWARE_ANSWERS = { done: 0, failed: 1 } as const;

/** A line travels as its place in this list. */
export const PANEL_LINES = ['rst', 'dc', 'busy', 'pwr', 'cs-m', 'cs-s'] as const satisfies readonly PanelLine[];

/** What a hardware server offers, in its answer to `hello`. */
export const HardwareOfferSchema = z.object({
  version: z.literal(1),
  panels: z.array(z.object({ key: z.string().min(1).max(64), maxTransferBytes: z.number().int().min(1) })).max(255),
  nfc: z.boolean(),
});

export interface HardwareMessage {
  readonly op: number;
  readonly payload: Uint8Array;
}

const LENGTH_BYTES = 4;
/** Longer than any transfer; what announces more is not speaking this protocol. */
const MAX_MESSAGE_BYTES = 1024 * 1024;

/** The bytes before a payload of so many bytes. */
export function messageHead(op: number, payloadBytes: number): Uint8Array {
  const head = Buffer.allocUnsafe(LENGTH_BYTES + 1);
  head.writeUInt32BE(payloadBytes + 1, 0);
  head[LENGTH_BYTES] = op;
  return head;
}

/** Finds the messages in a stream, however it is cut. */
export class MessageReader {
  #rest: Uint8Array = new Uint8Array(0);

  /**
   * The messages that a piece of the stream completes; their payloads are views into it.
   * @throws HardwareError `socket.protocol`
   */
  push(piece: Uint8Array): HardwareMessage[] {
    const bytes =
      this.#rest.length === 0
        ? Buffer.from(piece.buffer, piece.byteOffset, piece.length)
        : Buffer.concat([this.#rest, piece]);
    const messages: HardwareMessage[] = [];
    let at = 0;
    while (bytes.length - at >= LENGTH_BYTES) {
      const length = bytes.readUInt32BE(at);
      if (length === 0 || length > MAX_MESSAGE_BYTES) {
        throw new HardwareError('socket.protocol', `a message of ${length} bytes; it takes 1 to ${MAX_MESSAGE_BYTES}`);
      }
      const end = at + LENGTH_BYTES + length;
      if (end > bytes.length) break;
      messages.push({ op: bytes[at + LENGTH_BYTES] ?? 0, payload: bytes.subarray(at + LENGTH_BYTES + 1, end) });
      at = end;
    }
    this.#rest = bytes.subarray(at);
    return messages;
  }
}
