import { constants } from 'node:os';
import type { Connector } from './connector.js';

const { EFAULT, EINVAL, EMSGSIZE } = constants.errno;

export interface SpiBusOptions {
  readonly connector: Connector | undefined;
  /** The module's parameter `bufsiz`. */
  readonly bufferBytes: number;
  readonly canBeWithoutChipSelect: boolean;
  /** The BCM number of the pin that the driver moves for each message; undefined if it was told to own none. */
  readonly chipSelectPin: number | undefined;
  /** What a process's address points to: so many bytes from there. */
  readonly memory: (address: bigint, bytes: number) => Uint8Array | undefined;
}

/** What a message was sent with. */
export interface SpiMessage {
  readonly bytes: number;
  readonly hz: number;
}

const TRANSFER_BYTES = 32;
const NO_CS = 0x40;
const MODE_BITS = 0x03;
const DMA_PIECE_BYTES = 128;

/** One spidev device: structs of linux/spi/spidev.h in, bytes on the wire out. Answers are as the kernel gives them. */
export class SpiBus {
  readonly #options: SpiBusOptions;
  readonly #messages: SpiMessage[] = [];
  #mode = 0;
  #bitsPerWord = 8;
  #maxHz = 500_000;

  constructor(options: SpiBusOptions) {
    this.#options = options;
  }

  /** Every message that has left, oldest first. */
  get messages(): readonly SpiMessage[] {
    return this.#messages;
  }

  setMode(struct: Buffer): number {
    const mode = struct.readUInt8(0);
    if (mode & NO_CS && !this.#options.canBeWithoutChipSelect) return -EINVAL;
    if (mode & ~(MODE_BITS | NO_CS)) return -EINVAL;
    this.#mode = mode;
    return 0;
  }

  setBitsPerWord(struct: Buffer): number {
    const bits = struct.readUInt8(0);
    if (bits !== 8) return -EINVAL;
    this.#bitsPerWord = bits;
    return 0;
  }

  setMaxSpeed(struct: Buffer): number {
    const hz = struct.readUInt32LE(0);
    if (hz === 0) return -EINVAL;
    this.#maxHz = hz;
    return 0;
  }

  /** Chip select is low from the first byte of a message to its last. */
  async message(struct: Buffer, bytes: number): Promise<number> {
    if (bytes % TRANSFER_BYTES !== 0) return -EINVAL;
    const pieces: Uint8Array[] = [];
    let counted = 0;
    let total = 0;
    let hz = 0;
    for (let at = 0; at < bytes; at += TRANSFER_BYTES) {
      const length = struct.readUInt32LE(at + 16);
      const bits = struct.readUInt8(at + 26);
      hz = struct.readUInt32LE(at + 20) || this.#maxHz;
      counted += Math.ceil(length / DMA_PIECE_BYTES) * DMA_PIECE_BYTES;
      total += length;
      if (counted > this.#options.bufferBytes) return -EMSGSIZE;
      const piece = this.#options.memory(struct.readBigUInt64LE(at), length);
      if (piece === undefined) return -EFAULT;
      if ((bits !== 0 && bits !== this.#bitsPerWord) || struct.readUInt8(at + 31) !== 0) return -EINVAL;
      pieces.push(Uint8Array.from(piece));
    }
    await this.#send(pieces);
    this.#messages.push({ bytes: total, hz });
    return total;
  }

  async #send(pieces: readonly Uint8Array[]): Promise<void> {
    const { connector, chipSelectPin } = this.#options;
    const moved = this.#mode & NO_CS ? undefined : chipSelectPin;
    // In another mode the panel would sample at the wrong edge and see nothing that makes sense.
    const isMode0 = (this.#mode & MODE_BITS) === 0;
    if (moved !== undefined) await connector?.drive(moved, 0);
    if (isMode0) for (const piece of pieces) await connector?.clockOut(piece);
    if (moved !== undefined) await connector?.drive(moved, 1);
  }
}
