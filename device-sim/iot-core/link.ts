import type { TLSSocket } from 'node:tls';
import type { Logger } from 'pino';
import { PacketReader } from './packet-reader.js';
import { type ClientPacket, encodePacket, type ProtocolVersion, type ServerPacket } from './packets.js';
import { REASON } from './reason-codes.js';
import type { Timers } from './timers.js';

/** Messages wait in the session while more than this is unsent. */
const BUSY_BYTES = 512 * 1024;

/** A peer that makes the broker answer but does not read is cut here. */
const CUT_BYTES = 1024 * 1024;

/** How long a last word may take to leave before the socket is destroyed. */
const LINGER_MS = 2_000;

/** What the owner of a link hears; `onLost` comes once, unless the owner closed or cut the link himself. */
export interface LinkEvents {
  onPacket(packet: ClientPacket): void;
  onBroken(reasonCode: number, why: string): void;
  onLost(): void;
  onDrain(): void;
}

/** One TLS connection that speaks MQTT packets, with bounded buffers both ways. */
export class Link {
  protocolVersion: ProtocolVersion = 4;
  events: LinkEvents | undefined;
  readonly #socket: TLSSocket;
  readonly #timers: Timers;
  readonly #log: Logger;
  readonly #reader = new PacketReader();
  #open = true;
  #isFrozen = false;

  constructor({ socket, timers, log }: { socket: TLSSocket; timers: Timers; log: Logger }) {
    this.#socket = socket;
    this.#timers = timers;
    this.#log = log;
    socket.setNoDelay(true);
    socket.on('data', (chunk: Buffer) => this.#read(chunk));
    socket.on('error', (err) => log.debug({ err }, 'socket error'));
    socket.on('close', () => this.#lose());
    socket.on('end', () => this.#lose());
    socket.on('drain', () => this.events?.onDrain());
  }

  get isOpen(): boolean {
    return this.#open;
  }

  get isBusy(): boolean {
    return this.#socket.writableLength > BUSY_BYTES;
  }

  get remoteAddress(): string {
    return this.#socket.remoteAddress ?? '';
  }

  /** From here on nothing passes in either direction and the peer is not told, not even of the end. */
  freeze(): void {
    this.#isFrozen = true;
  }

  /** False if the packet did not leave: the link is gone, the packet cannot be written or is longer than `maxBytes`. */
  send(packet: ServerPacket, maxBytes = Number.POSITIVE_INFINITY): boolean {
    if (!this.#open) return false;
    if (this.#isFrozen) return true;
    const bytes = this.#encode(packet);
    if (bytes === undefined || bytes.length > maxBytes) return false;
    this.#socket.write(bytes);
    if (this.#socket.writableLength > CUT_BYTES) {
      this.#log.warn({ unsentBytes: this.#socket.writableLength }, 'peer does not read, cut');
      this.#lose();
    }
    return true;
  }

  /** Ends the connection politely, with a last packet if there is one. */
  close(lastWord?: ServerPacket): void {
    if (!this.#open) return;
    this.#open = false;
    if (this.#isFrozen) return;
    const bytes = lastWord === undefined ? undefined : this.#encode(lastWord);
    const callOff = this.#timers.after(LINGER_MS, () => this.#socket.destroy());
    this.#socket.once('close', callOff);
    if (bytes === undefined) this.#socket.end();
    else this.#socket.end(bytes);
  }

  /** Ends the connection as a power cut would. */
  cut(): void {
    this.#open = false;
    this.#socket.destroy();
  }

  #read(chunk: Buffer): void {
    if (!this.#open || this.#isFrozen) return;
    const { packets, broken } = this.#reader.read(chunk);
    this.#socket.cork(); // the answers to one chunk leave together
    for (const packet of packets) {
      if (this.#open && !this.#isFrozen) this.#hand(packet);
    }
    if (broken !== undefined && this.#open && !this.#isFrozen) this.events?.onBroken(broken.reasonCode, broken.why);
    this.#socket.uncork();
  }

  /** A failure of ours, such as a state file that cannot be written, ends this connection and no other. */
  #hand(packet: ClientPacket): void {
    try {
      this.events?.onPacket(packet);
    } catch (err) {
      this.#log.error({ err, cmd: packet.cmd }, 'packet could not be taken');
      this.events?.onBroken(REASON.unspecified, 'internal failure');
    }
  }

  #lose(): void {
    if (this.#open && !this.#isFrozen) {
      this.#open = false;
      this.events?.onLost();
    }
    this.#socket.destroy();
  }

  #encode(packet: ServerPacket): Buffer | undefined {
    try {
      return encodePacket(packet, this.protocolVersion);
    } catch (err) {
      this.#log.warn({ err, cmd: packet.cmd }, 'packet cannot be written');
      return undefined;
    }
  }
}
