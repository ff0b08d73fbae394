import type { Lane } from '../../../contract/index.js';
import type { History, StepOf } from './history.js';
import { entryOf, stepsOf } from './steps.js';

/** A number in a lane of an epoch. */
export type Place = { readonly epoch: string; readonly lane: Lane; readonly seq: number };

type Move = StepOf<'move'>;

/** Knows where an event was moved to, from epoch to epoch and from a card to its copies. */
export class Places {
  readonly #moves = new Map<string, Move[]>();
  readonly #copies = new Map<string, { card: string; at: number }[]>();
  readonly #order = new Map<object, number>();

  constructor(history: History) {
    for (const [index, step] of stepsOf(history, 'enq.ok', 'move', 'card.cloned').entries()) {
      if (step.step === 'move')
        entryOf(this.#moves, `${step.proc} ${step.from.epoch} ${step.lane}`, () => []).push(step);
      else if (step.step === 'enq.ok') this.#order.set(step, index);
      else entryOf(this.#copies, step.of, () => []).push({ card: step.proc, at: index });
    }
    for (const moves of this.#moves.values()) moves.sort((a, b) => a.from.from - b.from.from);
  }

  /** Every card on which an accepted event was: its own, and the copies that were made of it afterwards. */
  cardsOf(accepted: StepOf<'enq.ok'>): string[] {
    const cards = [accepted.proc];
    const since = this.#order.get(accepted) ?? 0;
    for (const card of cards) {
      for (const copy of this.#copies.get(card) ?? []) {
        if (copy.at > since && !cards.includes(copy.card)) cards.push(copy.card);
      }
    }
    return cards;
  }

  /** Every place that an accepted event ever had. */
  of(accepted: StepOf<'enq.ok'>): Place[] {
    const { epoch, lane, seq } = accepted;
    const places = [{ epoch, lane, seq }];
    const cards = this.cardsOf(accepted);
    for (const place of places) {
      for (const next of cards.flatMap((card) => this.#next(card, place))) {
        if (!places.some((known) => known.epoch === next.epoch && known.seq === next.seq)) places.push(next);
      }
    }
    return places;
  }

  #next(card: string, { epoch, lane, seq }: Place): Place[] {
    const moves = this.#moves.get(`${card} ${epoch} ${lane}`) ?? [];
    let low = 0;
    for (let high = moves.length; low < high; ) {
      const middle = (low + high) >> 1;
      if ((moves[middle]?.from.from ?? 0) <= seq) low = middle + 1;
      else high = middle;
    }
    // A move that was undone by a kill comes again from the same place.
    const start = moves[low - 1]?.from.from;
    const found: Place[] = [];
    for (let at = low - 1; at >= 0 && moves[at]?.from.from === start; at -= 1) {
      const move = moves[at];
      if (move === undefined || move.from.to < seq) continue;
      found.push({ epoch: move.to.epoch, lane, seq: Math.min(move.to.to, move.to.from + seq - move.from.from) });
    }
    return found;
  }
}
