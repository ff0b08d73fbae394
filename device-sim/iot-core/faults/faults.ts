import type { Logger } from 'pino';
import { z } from 'zod';
import { SimError } from '../../errors.js';
import type { Operation } from '../operation.js';
import { covers } from '../topics.js';
import { type Fault, type FaultInput, type FaultKind, FaultScriptSchema } from './fault.js';

/** Something that a fault may strike. */
export interface Occasion {
  readonly operation: Operation | undefined;
  readonly topic?: string | undefined;
  readonly clientId: string;
  readonly certificateId: string;
}

/** What became of one fault of the script. */
export interface FaultReport {
  readonly fault: Fault;
  /** How often it has struck. */
  readonly struck: number;
  /** How often it is still to strike. */
  readonly left: number;
}

interface Armed {
  readonly fault: Fault;
  toSkip: number;
  struck: number;
}

/** What is to go wrong, in the order in which it was asked for, and how often it did. */
export class Faults {
  readonly #log: Logger;
  #armed: Armed[] = [];

  constructor({ log }: { log: Logger }) {
    this.#log = log;
  }

  /**
   * Adds to the script, all of it or nothing.
   * @throws SimError `iot.fault-invalid`
   */
  arm(...script: readonly FaultInput[]): void {
    const parsed = FaultScriptSchema.safeParse(script);
    if (!parsed.success) throw new SimError('iot.fault-invalid', z.prettifyError(parsed.error));
    this.#armed.push(...parsed.data.map((fault) => ({ fault, toSkip: fault.skip, struck: 0 })));
  }

  report(): FaultReport[] {
    return this.#armed.map(({ fault, struck }) => ({ fault, struck, left: fault.times - struck }));
  }

  /** How often faults of a kind have struck since the script was last cleared. */
  struck(kind: FaultKind): number {
    return this.#armed.reduce((sum, { fault, struck }) => sum + (fault.kind === kind ? struck : 0), 0);
  }

  /** Forgets the script and its counts. */
  clear(): void {
    this.#armed = [];
  }

  /** The fault of one of these kinds that strikes here, counted; each fault that fits counts the occasion. */
  strike<K extends FaultKind>(kinds: readonly K[], occasion: Occasion): Extract<Fault, { kind: K }> | undefined {
    const isOfKind = (fault: Fault): fault is Extract<Fault, { kind: K }> => kinds.some((kind) => kind === fault.kind);
    for (const armed of this.#armed) {
      const { fault } = armed;
      if (armed.struck === fault.times || !isOfKind(fault) || !fits(fault, occasion)) continue;
      if (armed.toSkip > 0) {
        armed.toSkip -= 1;
        continue;
      }
      armed.struck += 1;
      this.#log.info({ kind: fault.kind, ...occasion }, 'fault struck');
      return fault;
    }
    return undefined;
  }
}

function fits({ operation, topic, clientId, certificateId }: Fault, occasion: Occasion): boolean {
  if (operation !== undefined && operation !== occasion.operation) return false;
  if (clientId !== undefined && clientId !== occasion.clientId) return false;
  if (certificateId !== undefined && certificateId !== occasion.certificateId) return false;
  return topic === undefined || (occasion.topic !== undefined && covers(topic, occasion.topic));
}
