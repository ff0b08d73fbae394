import { z } from 'zod';
import { type LeftEpoch, LeftEpochSchema, MOST_LEFT_EPOCHS } from '../../contract/index.js';
import type { Meta } from './meta.js';

const RowSchema = z.array(LeftEpochSchema);

/**
 * The epochs that were left since the cloud last answered in the present one, and how far it had acknowledged each: it
 * may come back from a backup before it hears of the new one, and lack what is held here no more.
 */
export class LeftEpochs {
  readonly #meta: Pick<Meta, 'get' | 'set'>;

  constructor(meta: Pick<Meta, 'get' | 'set'>) {
    this.#meta = meta;
  }

  /** The oldest first. */
  all(): LeftEpoch[] {
    return RowSchema.parse(JSON.parse(this.#meta.get('left_epochs') ?? '[]'));
  }

  /** Part of the transaction that is open. */
  add(left: LeftEpoch): void {
    this.#meta.set('left_epochs', JSON.stringify([...this.all(), left].slice(-MOST_LEFT_EPOCHS)));
  }

  /** The cloud knows of them; part of the transaction that is open. */
  forget(): void {
    if (this.all().length > 0) this.#meta.set('left_epochs', '[]');
  }
}
