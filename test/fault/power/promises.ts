import { type Mark, MarkSchema } from './marks.js';

/** What was promised up to a moment, by the marks that were written before it. */
export class Promises {
  /** Events that must be there, by id. */
  readonly open = new Map<string, Extract<Mark, { step: 'ok' }>>();
  /** The highest number that was given in each lane. */
  readonly last = new Map<number, number>();
  epoch: string | undefined;
  #text = '';

  /** A piece of the file of marks. */
  hear(piece: Buffer): void {
    this.#text += piece.toString();
    const lines = this.#text.split('\n');
    this.#text = lines.pop() ?? '';
    for (const line of lines) this.#take(MarkSchema.parse(JSON.parse(line)));
  }

  #take(mark: Mark): void {
    if (mark.step === 'open') this.epoch = mark.epoch;
    if (mark.step === 'ok') {
      this.open.set(mark.id, mark);
      this.last.set(mark.lane, Math.max(mark.seq, this.last.get(mark.lane) ?? 0));
    }
    if (mark.step !== 'acking') return;
    for (const [id, { lane, seq }] of this.open) if (lane === mark.lane && seq <= mark.seq) this.open.delete(id);
  }
}
