import { SYNC_WINDOW } from '../../contract/index.js';
import type { Room } from './fair-shares.js';

/** Smaller than this no request is made: one event may be as large. */
const LEAST_BYTES = 4 * 1024;

/** How much one request may carry: what the protocol and the cloud allow, and what got through lately. */
export class RequestWindow {
  #told: Room = SYNC_WINDOW;
  /** Never more than the protocol allows. */
  #tolerated: Room = SYNC_WINDOW;

  get events(): number {
    return Math.min(this.#told.events, this.#tolerated.events);
  }

  get bytes(): number {
    return Math.min(this.#told.bytes, this.#tolerated.bytes);
  }

  /** A request got through, and this is what the cloud says about the next one. */
  heard(told: Room): void {
    this.#told = told;
    const { events, bytes } = this.#tolerated;
    this.#tolerated = {
      events: Math.min(SYNC_WINDOW.events, events * 2),
      bytes: Math.min(SYNC_WINDOW.bytes, bytes * 2),
    };
  }

  /** A request was too large for somebody. */
  shrink(): void {
    this.#tolerated = {
      events: Math.max(1, Math.floor(this.events / 2)),
      bytes: Math.max(LEAST_BYTES, Math.floor(this.bytes / 2)),
    };
  }
}
