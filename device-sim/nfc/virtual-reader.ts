import { connect, type Socket } from 'node:net';
import type { Clock } from '../../hardware/index.js';
import { type ReaderFaults, ReaderFront } from './reader-front.js';
import type { SimTag } from './sim-tag.js';

/** The port of the first slot of vpcd; the second slot's is the next. */
const VPCD_PORT = 0x8c7b;

const LENGTH_BYTES = 2;
const RETRY_MS = 50;
// The commands of one byte; anything longer is an APDU. Source: vsmartcard, virtual smart card, the protocol of vpcd.
const POWER_OFF = 0x00;
const POWER_ON = 0x01;
const RESET = 0x02;
const ATR = 0x04;

/**
 * The card's side of vpcd, a reader driver of pcscd without hardware: pcscd listens, and a card that is laid on connects.
 * To whatever speaks to pcscd this is a reader like any other. A pcscd that goes away finds the tag again when it is back.
 */
export class VirtualReader {
  readonly #port: number;
  readonly #clock: Pick<Clock, 'sleep'>;
  readonly #front = new ReaderFront();
  /** Aborted when the tag is lifted. */
  #lifted = new AbortController();
  #lying: Promise<void> = Promise.resolve();

  constructor({ slot, clock }: { slot: 0 | 1; clock: Pick<Clock, 'sleep'> }) {
    this.#port = VPCD_PORT + slot;
    this.#clock = clock;
    this.#lifted.abort();
  }

  get faults(): ReaderFaults {
    return this.#front.faults;
  }

  /** Puts a tag down, in place of the one that lay there. */
  async place(tag: SimTag): Promise<void> {
    await this.remove();
    this.#lifted = new AbortController();
    this.#front.place(tag);
    this.#lying = this.#lie(this.#lifted.signal);
  }

  /** Lifts the tag. Safe to call twice. */
  async remove(): Promise<void> {
    this.#lifted.abort();
    await this.#lying;
    this.#front.remove();
  }

  async #lie(lifted: AbortSignal): Promise<void> {
    while (!lifted.aborted && this.#front.atr() !== undefined) {
      await this.#connection(lifted);
      await this.#clock.sleep(RETRY_MS, lifted).catch(() => undefined);
    }
  }

  /** Resolves when pcscd hangs up or the tag leaves. */
  #connection(lifted: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const socket = connect(this.#port, '127.0.0.1');
      const leave = () => socket.destroy();
      lifted.addEventListener('abort', leave, { once: true });
      let rest: Uint8Array = new Uint8Array(0);
      socket.on('data', (piece) => {
        rest = this.#serve(socket, Buffer.concat([rest, piece]));
      });
      socket.on('error', leave);
      socket.once('close', () => {
        lifted.removeEventListener('abort', leave);
        resolve();
      });
    });
  }

  /** Answers all whole frames, and gives back what is left. */
  #serve(socket: Socket, bytes: Buffer): Uint8Array {
    let at = 0;
    while (bytes.length - at >= LENGTH_BYTES) {
      const end = at + LENGTH_BYTES + bytes.readUInt16BE(at);
      if (end > bytes.length) break;
      this.#answer(socket, bytes.subarray(at + LENGTH_BYTES, end));
      at = end;
    }
    return bytes.subarray(at);
  }

  #answer(socket: Socket, frame: Uint8Array): void {
    const [command] = frame;
    if (frame.length === 1 && command === ATR) send(socket, this.#front.atr());
    else if (frame.length === 1 && (command === POWER_ON || command === RESET)) this.#front.power();
    else if (frame.length > 1 || command !== POWER_OFF) send(socket, this.#front.transmit(frame));
  }
}

/** An answer of nothing means that the tag has left the field. */
function send(socket: Socket, answer: Uint8Array | undefined): void {
  if (answer === undefined || answer.length === 0) {
    socket.destroy();
    return;
  }
  const length = Buffer.alloc(LENGTH_BYTES);
  length.writeUInt16BE(answer.length);
  socket.write(Buffer.concat([length, answer]));
}
