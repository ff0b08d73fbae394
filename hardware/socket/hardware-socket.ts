import { connect, type Socket } from 'node:net';
import { HardwareError } from '../errors.js';
import type { Level, NfcReader, PanelLine, PanelPort } from '../ports.js';
import {
  HARDWARE_ANSWERS,
  HARDWARE_OPS,
  HardwareOfferSchema,
  MessageReader,
  messageHead,
  PANEL_LINES,
} from './protocol.js';

/** Hardware at the other end of a Unix socket. */
export interface HardwareSocket {
  /** By the key under which the server offers them. */
  readonly panels: Readonly<Record<string, PanelPort>>;
  /** Without a reader there, no tag is ever found. */
  readonly nfc: NfcReader;
  /** Ends the connection; calls that wait are refused with `socket.closed`. */
  close(): void;
}

type Pending = { resolve: (payload: Uint8Array) => void; reject: (error: Error) => void };

/** A wire that says nothing for so long is dead: the slowest answer, that of a tag, takes a second. */
const ANSWER_LIMIT_MS = 10_000;

/**
 * Connects to hardware that another process holds.
 * @throws HardwareError `socket.unreachable`, `socket.protocol`; the ports throw `socket.closed` and `socket.refused`
 */
export async function connectHardwareSocket(path: string): Promise<HardwareSocket> {
  const socket = await connected(path);
  const link = new Link(socket, path);
  try {
    const offer = parseOffer(await link.ask(HARDWARE_OPS.hello));
    const panels = offer.panels.map(({ key, maxTransferBytes }, place) => {
      return [key, panelPort(link, place, maxTransferBytes)] as const;
    });
    return { panels: Object.fromEntries(panels), nfc: nfcReader(link, offer.nfc), close: () => link.close() };
  } catch (error) {
    link.close();
    throw error;
  }
}

function connected(path: string): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect(path);
    const refuse = (cause: Error): void => {
      reject(new HardwareError('socket.unreachable', `no hardware is served at ${path}: ${cause.message}`, { cause }));
    };
    socket.once('error', refuse);
    socket.once('connect', () => {
      socket.off('error', refuse);
      resolve(socket);
    });
  });
}

function parseOffer(payload: Uint8Array) {
  try {
    return HardwareOfferSchema.parse(JSON.parse(Buffer.from(payload).toString('utf8')));
  } catch (cause) {
    throw new HardwareError('socket.protocol', 'the answer to hello does not say what hardware there is', { cause });
  }
}

function panelPort(link: Link, place: number, maxTransferBytes: number): PanelPort {
  return {
    spi: {
      maxTransferBytes,
      transfer: async (bytes) => {
        await link.ask(HARDWARE_OPS.spiTransfer, Uint8Array.of(place), bytes);
      },
    },
    gpio: {
      set: async (line, level) => {
        await link.ask(HARDWARE_OPS.gpioSet, Uint8Array.of(place, PANEL_LINES.indexOf(line), level));
      },
      get: async (line: PanelLine): Promise<Level> => {
        const [level] = await link.ask(HARDWARE_OPS.gpioGet, Uint8Array.of(place, PANEL_LINES.indexOf(line)));
        return level === 1 ? 1 : 0;
      },
    },
  };
}

function nfcReader(link: Link, present: boolean): NfcReader {
  return {
    atr: async () => {
      if (!present) return undefined;
      const atr = await link.ask(HARDWARE_OPS.nfcAtr);
      return atr.length === 0 ? undefined : Uint8Array.from(atr);
    },
    transmit: async (apdu, signal) => {
      signal?.throwIfAborted();
      return Uint8Array.from(await link.ask(HARDWARE_OPS.nfcTransmit, apdu));
    },
  };
}

/** One connection: requests go out at once, answers come in their order. */
class Link {
  readonly #socket: Socket;
  readonly #path: string;
  readonly #reader = new MessageReader();
  readonly #pending: Pending[] = [];
  #gone: HardwareError | undefined;

  constructor(socket: Socket, path: string) {
    this.#socket = socket;
    this.#path = path;
    socket.on('data', (piece) => this.#take(piece));
    socket.on('error', (cause) => this.#end('socket.closed', cause.message, cause));
    socket.on('close', () => this.#end('socket.closed', 'the other end is gone'));
    socket.setTimeout(ANSWER_LIMIT_MS, () => {
      if (this.#pending.length > 0) this.#end('socket.closed', `no answer within ${ANSWER_LIMIT_MS} ms`);
    });
  }

  ask(op: number, ...payload: Uint8Array[]): Promise<Uint8Array> {
    if (this.#gone !== undefined) return Promise.reject(this.#gone);
    return new Promise((resolve, reject) => {
      this.#pending.push({ resolve, reject });
      const bytes = payload.reduce((sum, part) => sum + part.length, 0);
      this.#socket.cork();
      this.#socket.write(messageHead(op, bytes));
      for (const part of payload) this.#socket.write(part);
      this.#socket.uncork();
    });
  }

  close(): void {
    this.#end('socket.closed', 'closed by us');
  }

  #take(piece: Uint8Array): void {
    try {
      for (const { op, payload } of this.#reader.push(piece)) this.#answer(op, payload);
    } catch (cause) {
      this.#end('socket.protocol', 'the answers make no sense', cause);
    }
  }

  #answer(op: number, payload: Uint8Array): void {
    const asked = this.#pending.shift();
    if (asked === undefined) throw new HardwareError('socket.protocol', 'an answer that nobody asked for');
    if (op === HARDWARE_ANSWERS.done) asked.resolve(payload);
    else asked.reject(new HardwareError('socket.refused', Buffer.from(payload).toString('utf8')));
  }

  #end(code: 'socket.closed' | 'socket.protocol', reason: string, cause?: unknown): void {
    if (this.#gone !== undefined) return;
    this.#gone = new HardwareError(code, `hardware at ${this.#path}: ${reason}`, { cause });
    this.#socket.destroy();
    for (const { reject } of this.#pending.splice(0)) reject(this.#gone);
  }
}
