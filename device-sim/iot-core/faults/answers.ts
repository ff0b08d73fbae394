import { operationOf } from '../operation.js';
import type { Timers } from '../timers.js';
import type { Faults } from './faults.js';

const KINDS = ['answer-lost', 'answer-late', 'answer-twice', 'answer-out-of-order'] as const;

/** An answer under way, with its own topic. */
export interface Answer {
  readonly topic: string;
  readonly payload: Buffer;
  /** Goes out even if the client has not subscribed to it. */
  readonly isUnasked: boolean;
}

interface AnswersDeps {
  readonly faults: Faults;
  readonly timers: Timers;
  readonly clientId: string;
  readonly certificateId: string;
  readonly deliver: (answer: Answer) => void;
}

/** The answers of services on their way to one connection, and what the fault script does to them. */
export class Answers {
  readonly #deps: AnswersDeps;
  #held: (() => void)[] = [];

  constructor(deps: AnswersDeps) {
    this.#deps = deps;
  }

  send(answer: Answer): void {
    const { topic } = answer;
    const { clientId, certificateId, deliver, faults, timers } = this.#deps;
    const request = topic.slice(0, topic.lastIndexOf('/'));
    const fault = faults.strike(KINDS, { operation: operationOf(topic), topic: request, clientId, certificateId });
    const go = () => deliver(answer);
    switch (fault?.kind) {
      case 'answer-lost':
        return;
      case 'answer-late':
        timers.after(fault.delayMs, go);
        return;
      case 'answer-out-of-order':
        this.#held.push(go);
        return;
      case 'answer-twice':
        go();
        break;
      case undefined:
        break;
    }
    go();
    for (const late of this.#held.splice(0)) late();
  }
}
