import { type Mark, MarkSchema } from './marks.js';

/** What was promised up to a moment, by the marks that were written before it. */
export class Promises {
  /** Events that must be there, by id. */
  readonly open = new Map<string, Extract<Mark, { step: 'ok' }>>();
  /** The highest number that was given in each lane. */
  readonly last = new Map<number, number>();
  /** What the cloud was about to acknowledge of each lane, and what it had acknowledged. */
  readonly acking = new Map<number, number>();
  readonly acked = new Map<number, number>();
  /** What was about to be set under each key, and what was. */
  readonly setting = new Map<string, number>();
  readonly set = new Map<string, number>();
  epoch: string | undefined;
  #text = '';

  /** A piece of the file of marks. */
  hear(piece: Buffer): void {
    this.#text += piece.toString();
    const lines = this.#text.split('\n');
    this.#text = lines.pop() ?? '';
    for (const line of lines) {
      const mark = wholeMark(line);
      if (mark !== undefined) this.#take(mark);
    }
  }

  #take(mark: Mark): void {
    switch (mark.step) {
      case 'open':
        this.epoch = mark.epoch;
        break;
      case 'ok':
        this.open.set(mark.id, mark);
        this.last.set(mark.lane, Math.max(mark.seq, this.last.get(mark.lane) ?? 0));
        break;
      case 'acking':
        this.acking.set(mark.lane, mark.seq);
        for (const [id, { lane, seq }] of this.open) if (lane === mark.lane && seq <= mark.seq) this.open.delete(id);
        break;
      case 'acked':
        this.acked.set(mark.lane, mark.seq);
        break;
      case 'setting':
        this.setting.set(mark.key, mark.value);
        break;
      case 'set':
        this.set.set(mark.key, mark.value);
        break;
      case 'refused':
        break;
    }
  }
}

/** A kill may cut a line where a page of the file ends: what it said was promised to nobody. */
function wholeMark(line: string): Mark | undefined {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return undefined;
  }
  return MarkSchema.parse(value);
}
