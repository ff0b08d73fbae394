import mqttPacket from 'mqtt-packet';
import { type ClientPacket, ClientPacketSchema } from './packets.js';
import { REASON } from './reason-codes.js';

/** The longest packet that AWS IoT Core takes, with topic and properties, in bytes. */
export const MAX_PACKET_BYTES = 149_504;

/** The whole packets so far, and what is wrong with the bytes behind them, if anything. */
export interface ReadOutcome {
  readonly packets: readonly ClientPacket[];
  readonly broken?: { readonly reasonCode: number; readonly why: string };
}

type Refusal = { ok: false; reasonCode: number; why: string };

/** Cuts a byte stream into packets. It holds at most one packet's bytes, however much the peer announces. */
export class PacketReader {
  readonly #parser = mqttPacket.parser();
  #rest: Buffer = Buffer.alloc(0);
  readonly #parsed: mqttPacket.Packet[] = [];
  #error: unknown;

  constructor() {
    this.#parser.on('packet', (packet) => {
      this.#parsed.push(packet);
    });
    this.#parser.on('error', (error: unknown) => {
      this.#error = error;
    });
  }

  /** After something broken the stream is lost and the reader must not be used again. */
  read(chunk: Buffer): ReadOutcome {
    this.#rest = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    const packets: ClientPacket[] = [];
    for (;;) {
      const length = packetLength(this.#rest);
      if (length === 'malformed') {
        return { packets, broken: { reasonCode: REASON.malformed, why: 'the remaining length is not one' } };
      }
      if (length !== undefined && length > MAX_PACKET_BYTES) {
        const why = `a packet of ${length} bytes, limit ${MAX_PACKET_BYTES}`;
        return { packets, broken: { reasonCode: REASON.quotaExceeded, why } };
      }
      if (length === undefined || this.#rest.length < length) return { packets };
      const packet = this.#parse(this.#rest.subarray(0, length));
      this.#rest = this.#rest.subarray(length);
      if (!packet.ok) return { packets, broken: packet };
      packets.push(packet.value);
    }
  }

  #parse(bytes: Buffer): { ok: true; value: ClientPacket } | Refusal {
    this.#error = undefined;
    try {
      this.#parser.parse(bytes);
    } catch (error) {
      this.#error = error;
    }
    const parsed = this.#parsed.shift();
    if (this.#error !== undefined || parsed === undefined) {
      return refuse(REASON.malformed, this.#error instanceof Error ? this.#error.message : 'no packet in the bytes');
    }
    const checked = ClientPacketSchema.safeParse(parsed);
    if (!checked.success) return refuse(REASON.protocolError, `a ${parsed.cmd} that the broker does not take`);
    return { ok: true, value: checked.data };
  }
}

/** Type byte, then up to four bytes of remaining length, lowest seven bits first. Source: MQTT 5, section 2.1.4. */
function packetLength(bytes: Buffer): number | 'malformed' | undefined {
  let remaining = 0;
  for (let index = 1; index <= 4; index += 1) {
    const byte = bytes[index];
    if (byte === undefined) return undefined;
    remaining += (byte & 0x7f) * 128 ** (index - 1);
    if (byte < 0x80) return 1 + index + remaining;
  }
  return 'malformed';
}

function refuse(reasonCode: number, why: string): Refusal {
  return { ok: false, reasonCode, why };
}
