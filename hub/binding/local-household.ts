import { createHash } from 'node:crypto';
import { timestamp } from '../boot.js';
import type { WiredDisplay } from '../display/wired-display.js';
import type { LocalBinding } from '../storage/binding.js';
import type { Store } from '../storage/store.js';
import type { RandomBytes } from './local-code.js';

export type LocalHouseholdDeps = {
  store: Pick<Store, 'database' | 'binding' | 'outbox' | 'inbox' | 'leaving'>;
  display: Pick<WiredDisplay, 'showScreen' | 'blank' | 'forget'>;
  newId: () => string;
  randomBytes: RandomBytes;
  /** Wall clock in milliseconds. */
  now: () => number;
};

const RECEIPT_BYTES = 32;

/** A household that bound the hub at the hub: how it comes, and how it goes. The cloud is told of both. */
export class LocalHousehold {
  readonly #deps: LocalHouseholdDeps;

  constructor(deps: LocalHouseholdDeps) {
    this.#deps = deps;
  }

  /** Bound, and on disk with the word to the cloud. Gives the receipt, which is nowhere else. */
  bind(householdName: string): string {
    const { store, newId, randomBytes, now } = this.#deps;
    const receipt = Buffer.from(randomBytes(RECEIPT_BYTES)).toString('base64url');
    const receiptSha256 = createHash('sha256').update(receipt).digest('hex');
    const made = { bindingId: newId(), householdName, receiptSha256, boundMs: now() };
    store.database.write(() => {
      store.binding.bindLocally(made);
      store.outbox.append({ type: 'binding.local', body: bodyOf(made) });
    });
    return receipt;
  }

  /** Lets the hub go, and takes off it what was shown; a stop in the middle is made up for at the next start. */
  async leave(left: LocalBinding): Promise<void> {
    const { store, display, now } = this.#deps;
    const forgotten = store.database.write(() => {
      store.binding.bind(undefined);
      store.outbox.append({ type: 'binding.local', body: { ...bodyOf(left), endedAt: timestamp(now()) } });
      // Whatever the cloud asked for so far was for nobody else.
      return store.leaving.forget({ gen: store.inbox.cursor().gen ?? '', downSeq: Number.MAX_SAFE_INTEGER });
    });
    display.forget((presentationId) => forgotten.has(presentationId));
    await display.blank();
    await store.leaving.sweep();
  }
}

function bodyOf({ bindingId, householdName, receiptSha256, boundMs }: LocalBinding) {
  return { bindingId, householdName, at: timestamp(boundMs), receiptSha256 };
}
