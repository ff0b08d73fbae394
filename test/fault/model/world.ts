import type { Step } from '../queue/history.js';
import type { Told } from '../queue/history-writer.js';
import type { Context } from '../queue/verdict.js';
import { copyOfCard } from './card.js';
import { ModelCloud } from './model-cloud.js';
import { ModelHub } from './model-hub.js';
import type { Operation } from './operations.js';
import { LIMITS, type Rules } from './rules.js';
import type { Message, Request } from './types.js';

/** What a schedule left behind, to be judged. */
export type Lived = { readonly history: Step[]; readonly context: Context };

const START_MS = Date.UTC(2026, 0, 1);
const ROUND_MS = 1000;
const ROUNDS = 60;
const UNDER_WAY = 12;
const MOST_CARDS = 4;
const HUBS = ['hub-1', 'hub-2'] as const;
/** All a card may hold in the lanes that drop. */
const CAP_ROWS = LIMITS.quota[1] + LIMITS.quota[2] + LIMITS.quota[3];
/** By then every deadline and every grace is over. */
const LATER_MS = 600_000;

/** Two hubs, their cloud, and a network that does what it likes. */
export class World {
  readonly #rules: Rules;
  readonly #history: Step[] = [];
  readonly #cards: ModelHub[] = [];
  readonly #cloud: ModelCloud;
  #underWay: Message[] = [];
  #nowMs = START_MS;
  readonly #leftMs = new Map<Message, number>();
  #longestWayMs = 0;
  #names = 0;

  constructor(rules: Rules) {
    this.#rules = rules;
    const nowMs = () => this.#nowMs;
    this.#cloud = new ModelCloud({ rules, note: (told) => this.#note('cloud', told), nowMs, bornMs: START_MS });
    for (const hub of HUBS) this.#addCard(hub);
  }

  /** Lives through a schedule, and then on until nothing is left to do. */
  live(schedule: readonly Operation[]): Lived {
    for (const operation of schedule) this.#do(operation);
    this.#calmDown();
    const pace = { backoffCapMs: 2 * ROUND_MS, eventsPerS: 1 };
    return {
      history: this.#history,
      context: { cloud: this.#cloud.state(), pace, isDamageNoted: true, longestWayMs: this.#longestWayMs },
    };
  }

  #do(operation: Operation): void {
    switch (operation.do) {
      case 'wait':
        this.#nowMs += operation.ms;
        break;
      case 'deliver':
        this.#deliver(operation.pick, operation.fate);
        break;
      case 'tear cloud':
        this.#cloud.tearNext();
        break;
      case 'back up':
        this.#cloud.backUp();
        break;
      case 'restore':
        this.#cloud.restore();
        break;
      case 'sweep':
        this.#cloud.sweep();
        break;
      default:
        this.#doOn(this.#cardAt(operation.card), operation);
    }
  }

  #doOn(card: ModelHub, operation: Extract<Operation, { card: number }>): void {
    switch (operation.do) {
      case 'enqueue':
        card.enqueue(operation.lane, operation.poison);
        break;
      case 'set':
        card.set(operation.key);
        break;
      case 'ask':
        this.#send(card.request());
        break;
      case 'sync':
        this.#exchange(card);
        break;
      case 'kill':
      case 'power':
        card.crash(operation.do);
        break;
      case 'checkpoint':
        card.checkpoint();
        break;
      case 'clone':
        this.#clone(card);
        break;
      case 'lose':
        card.lose(operation.readable);
        // Sessions are clean: what was under way to the old one never comes.
        this.#underWay = this.#underWay.filter((message) => message.kind !== 'push' || message.card !== card.name);
        break;
      case 'tear':
        card.tearNext();
        break;
      case 'expire':
        card.expire();
        break;
      case 'fill':
        card.fillDisk();
        break;
      case 'create': {
        const { slot, atMostOnce, spanMs } = operation;
        this.#cloud.create({ hub: card.hub, cmd: this.#newName('c'), slot, atMostOnce, spanMs });
        break;
      }
      case 'push': {
        const offer = this.#cloud.push(card.hub, operation.pick);
        if (offer !== undefined) this.#send({ kind: 'push', card: card.name, offer });
        break;
      }
      case 'work':
        card.work(operation.steps);
        break;
      case 'jump':
        card.jump(operation.byMs);
        break;
    }
  }

  #cardAt(chance: number): ModelHub {
    const card = this.#cards[Math.floor(chance * this.#cards.length)] ?? this.#cards[0];
    return card ?? this.#addCard(HUBS[0]);
  }

  #addCard(hub: string, of?: ModelHub): ModelHub {
    const deps = {
      rules: this.#rules,
      note: (name: string, told: Told) => this.#note(name, told),
      newName: (kind: string) => this.#newName(kind),
      nowMs: () => this.#nowMs,
    };
    const name = `${hub}/${this.#cards.length + 1}`;
    if (of !== undefined) this.#note(name, { step: 'card.cloned', hub, epoch: of.card.epoch, of: of.name });
    const card = new ModelHub(deps, of === undefined ? { hub, name } : { hub, name, card: copyOfCard(of.card) });
    this.#cards.push(card);
    if (of !== undefined) card.crash('kill');
    return card;
  }

  #clone(card: ModelHub): void {
    if (this.#cards.length < MOST_CARDS) this.#addCard(card.hub, card);
  }

  #send(message: Message): void {
    this.#leftMs.set(message, this.#nowMs);
    this.#underWay = [...this.#underWay, message].slice(-UNDER_WAY);
  }

  #deliver(pick: number, fate: 'once' | 'twice' | 'lost'): void {
    const at = Math.floor(pick * this.#underWay.length);
    const message = this.#underWay[at];
    if (message === undefined) return;
    if (fate !== 'twice') this.#underWay.splice(at, 1);
    if (fate !== 'lost') this.#arrive(message);
  }

  #arrive(message: Message): void {
    this.#longestWayMs = Math.max(this.#longestWayMs, this.#nowMs - (this.#leftMs.get(message) ?? this.#nowMs));
    switch (message.kind) {
      case 'request': {
        const reply = this.#cloud.take(message);
        if (reply !== undefined) this.#send(reply);
        break;
      }
      case 'reply':
        this.#cards.find(({ name }) => name === message.to.card)?.take(message);
        break;
      case 'push':
        this.#cards.find(({ name }) => name === message.card)?.takePush(message.offer);
        break;
    }
  }

  #exchange(card: ModelHub): void {
    const request: Request = card.request();
    const reply = this.#cloud.take(request);
    if (reply !== undefined) card.take(reply);
  }

  /** A copy of a card is emptied and taken out before its original goes on: two of them never come to rest. */
  #calmDown(): void {
    this.#underWay = [];
    this.#note('cloud', { step: 'quiet' });
    for (const hub of HUBS) {
      for (const card of this.#cards.filter((one) => one.hub === hub).reverse()) {
        this.#empty(card);
        this.#nowMs += LATER_MS;
        this.#cloud.sweep();
        this.#empty(card);
      }
    }
  }

  #empty(card: ModelHub): void {
    this.#note(card.name, { step: 'link', hub: card.hub, up: true });
    for (let round = 0; round < ROUNDS; round += 1) {
      this.#nowMs += ROUND_MS;
      card.work(3);
      this.#exchange(card);
      const fileBytes = card.heldRows();
      this.#note(card.name, { step: 'sample', hub: card.hub, fileBytes, capBytes: CAP_ROWS, backlog: card.backlog() });
      if (card.isQuiet() && this.#cloud.isQuiet(card.hub)) return;
    }
  }

  #newName(kind: string): string {
    this.#names += 1;
    return `${kind}${this.#names}`;
  }

  #note(proc: string, told: Told): void {
    this.#history.push({ at: this.#nowMs, mono: this.#nowMs, proc, ...told });
  }
}
