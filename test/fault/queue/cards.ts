import type { Lane } from '../../../contract/index.js';
import type { Step } from './history.js';
import { entryOf, LANES } from './steps.js';

/** What of one lane is on a card, by what its hub said. */
type HeldLane = {
  /** Accepted, neither acknowledged nor dropped, in order; with the line that says so. */
  readonly live: Map<number, Step>;
  /** Given and given up in one commit: the drop is told of before the commit, and the acceptance after it. */
  readonly droppedBefore: Set<number>;
  /** The highest number ever given. */
  given: number;
  acked: number;
  /** The highest acknowledgement that came in a reply: the hub may have committed it and been killed before it said so. */
  heard: number;
  /** The highest number that was in a request. */
  sent: number;
  /** The highest number whose event was in a request of an earlier epoch: it may have arrived, and a hub may keep it. */
  sentBefore: number;
};

/** Follows a history and knows at each step what must be on each card. */
export class Cards {
  readonly #lanes = new Map<string, HeldLane>();
  readonly #epochs = new Map<string, Set<string>>();

  lane(card: string, epoch: string, lane: Lane): HeldLane {
    return entryOf(this.#lanes, `${card} ${epoch} ${lane}`, () => {
      entryOf(this.#epochs, card, () => new Set()).add(epoch);
      return { live: new Map(), droppedBefore: new Set(), given: 0, acked: 0, heard: 0, sent: 0, sentBefore: 0 };
    });
  }

  epochs(card: string): string[] {
    return [...(this.#epochs.get(card) ?? [])];
  }

  /** Takes in what a step says. */
  follow(step: Step): void {
    switch (step.step) {
      case 'enq.ok':
        this.#accept(this.lane(step.proc, step.epoch, step.lane), step.seq, step);
        break;
      case 'send':
        for (const { lane, to } of [...step.slices, ...step.gaps]) this.#raise(step, lane, 'sent', to);
        break;
      case 'reply.got':
        for (const lane of LANES) if (step.state === 'open') this.#raise(step, lane, 'heard', step.acks[lane] ?? 0);
        break;
      case 'hub.commit':
        for (const lane of LANES) this.#acknowledge(this.lane(step.proc, step.epoch, lane), step.acks[lane] ?? 0);
        break;
      case 'drop': {
        const { live, droppedBefore } = this.lane(step.proc, step.epoch, step.lane);
        for (let seq = step.from; seq <= step.to; seq += 1) if (!live.delete(seq)) droppedBefore.add(seq);
        break;
      }
      case 'move': {
        const held = this.lane(step.proc, step.to.epoch, step.lane);
        const old = this.lane(step.proc, step.from.epoch, step.lane);
        const left = Math.min(Math.max(old.sent, old.sentBefore) - step.from.from, step.to.to - step.to.from);
        if (left >= 0) held.sentBefore = Math.max(held.sentBefore, step.to.from + left);
        if (step.what === 'gap') held.given = Math.max(held.given, step.to.to);
        else for (let seq = step.to.from; seq <= step.to.to; seq += 1) this.#add(held, seq, step);
        break;
      }
      case 'card.cloned':
        this.#clone(step.of, step.proc, step.epoch);
        break;
      default:
    }
  }

  #accept(held: HeldLane, seq: number, step: Step): void {
    if (held.droppedBefore.delete(seq)) held.given = Math.max(held.given, seq);
    else this.#add(held, seq, step);
  }

  #add(held: HeldLane, seq: number, step: Step): void {
    held.live.set(seq, step);
    held.given = Math.max(held.given, seq);
  }

  #raise({ proc, epoch }: { proc: string; epoch: string }, lane: Lane, mark: 'sent' | 'heard', to: number): void {
    const held = this.lane(proc, epoch, lane);
    held[mark] = Math.max(held[mark], to);
  }

  #acknowledge(held: HeldLane, ack: number): void {
    held.acked = Math.max(held.acked, ack);
    for (const seq of held.live.keys()) {
      if (seq > ack) return;
      held.live.delete(seq);
    }
  }

  #clone(of: string, card: string, epoch: string): void {
    for (const lane of LANES) {
      const { live, droppedBefore, ...marks } = this.lane(of, epoch, lane);
      const own = { live: new Map(live), droppedBefore: new Set(droppedBefore) };
      Object.assign(this.lane(card, epoch, lane), { ...marks, ...own });
    }
  }
}
