import { existsSync, readFileSync } from 'node:fs';
import type { z } from 'zod';
import { SimError } from '../errors.js';
import { writeDurably } from './durable-file.js';

/** One JSON file that is whole before a change is answered. */
export class StateFile<T> {
  readonly #file: string;
  readonly #schema: z.ZodType<T>;

  constructor(file: string, schema: z.ZodType<T>) {
    this.#file = file;
    this.#schema = schema;
  }

  /**
   * What was written last; undefined if nothing was.
   * @throws SimError `iot.state-unreadable`
   */
  read(): T | undefined {
    if (!existsSync(this.#file)) return undefined;
    try {
      return this.#schema.parse(JSON.parse(readFileSync(this.#file, 'utf8')));
    } catch (cause) {
      throw new SimError('iot.state-unreadable', `${this.#file} is not what it should be`, { cause });
    }
  }

  write(state: T): void {
    writeDurably(this.#file, JSON.stringify(state, null, 2));
  }
}
