import { closeSync, fdatasyncSync, fsyncSync, openSync, writeSync } from 'node:fs';
import { PAYLOAD_BYTES } from './payload.js';

const FILE_BYTES = 64 * 1024 * 1024;
const BLOCK_BYTES = 1024 * 1024;

/** What the disk can do at best: records appended to a file that has its size already, each group with one fdatasync. */
export class Yardstick {
  readonly #fd: number;
  readonly #record: Buffer;
  #at = 0;

  constructor(file: string, group: number) {
    this.#fd = openSync(file, 'w');
    const block = Buffer.alloc(BLOCK_BYTES, 1);
    for (let written = 0; written < FILE_BYTES; written += BLOCK_BYTES) writeSync(this.#fd, block);
    fsyncSync(this.#fd);
    this.#record = Buffer.alloc(PAYLOAD_BYTES * group, 'x');
  }

  append(): void {
    if (this.#at + this.#record.length > FILE_BYTES) this.#at = 0;
    writeSync(this.#fd, this.#record, 0, this.#record.length, this.#at);
    this.#at += this.#record.length;
    fdatasyncSync(this.#fd);
  }

  close(): void {
    closeSync(this.#fd);
  }
}
