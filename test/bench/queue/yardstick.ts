import { closeSync, fdatasyncSync, fsyncSync, openSync, writeSync } from 'node:fs';
import { PAYLOAD_BYTES } from './payload.js';

const FILE_BYTES = 64 * 1024 * 1024;
const BLOCK_BYTES = 1024 * 1024;

/** What the disk can do at best: records appended, each by itself, to a file that has its size already, and one fdatasync for a group. */
export class Yardstick {
  readonly #fd: number;
  readonly #record = Buffer.alloc(PAYLOAD_BYTES, 'x');
  readonly #group: number;
  #at = 0;

  constructor(file: string, group: number) {
    this.#group = group;
    this.#fd = openSync(file, 'w');
    const block = Buffer.alloc(BLOCK_BYTES, 1);
    for (let written = 0; written < FILE_BYTES; written += BLOCK_BYTES) writeSync(this.#fd, block);
    fsyncSync(this.#fd);
  }

  append(): void {
    for (let record = 0; record < this.#group; record += 1) {
      if (this.#at + PAYLOAD_BYTES > FILE_BYTES) this.#at = 0;
      writeSync(this.#fd, this.#record, 0, PAYLOAD_BYTES, this.#at);
      this.#at += PAYLOAD_BYTES;
    }
    fdatasyncSync(this.#fd);
  }

  close(): void {
    closeSync(this.#fd);
  }
}
