import { type Clock, HardwareError, type NfcReader, Ntag } from '../../../hardware/index.js';
import type { Output } from '../output.js';
import { TAG_POLL_MS } from '../reader/wait-for-tag.js';

/** Nobody plugs a reader in faster. */
const TROUBLE_POLL_MS = 500;

/** The tags that are laid on a reader one after the other, each once until it is lifted. */
export class TagQueue {
  readonly #reader: NfcReader;
  readonly #clock: Pick<Clock, 'sleep'>;
  readonly #output: Pick<Output, 'problem'>;
  #lastUid: string | undefined;
  #toldCode: string | undefined;

  constructor(deps: { reader: NfcReader; clock: Pick<Clock, 'sleep'>; output: Pick<Output, 'problem'> }) {
    this.#reader = deps.reader;
    this.#clock = deps.clock;
    this.#output = deps.output;
  }

  /**
   * The UID of the next tag. A reader that is away is told once, and waited for.
   * @throws the signal's reason
   */
  async next(signal: AbortSignal): Promise<string> {
    for (;;) {
      signal.throwIfAborted();
      const seen = await this.#look(signal);
      if (seen.uid !== undefined && seen.uid !== this.#lastUid) {
        this.#lastUid = seen.uid;
        return seen.uid;
      }
      if (seen.isLifted) this.#lastUid = undefined;
      await this.#clock.sleep(seen.isTrouble ? TROUBLE_POLL_MS : TAG_POLL_MS, signal);
    }
  }

  async #look(signal: AbortSignal): Promise<{ uid?: string; isLifted: boolean; isTrouble: boolean }> {
    try {
      const { uid } = await new Ntag({ reader: this.#reader }).info(signal);
      this.#toldCode = undefined;
      return { uid, isLifted: false, isTrouble: false };
    } catch (error) {
      signal.throwIfAborted();
      if (!(error instanceof HardwareError)) throw error;
      if (error.code === 'nfc.no-tag') {
        this.#toldCode = undefined;
        return { isLifted: true, isTrouble: false };
      }
      if (this.#toldCode !== error.code) this.#output.problem(error.code, error.message);
      this.#toldCode = error.code;
      return { isLifted: false, isTrouble: true };
    }
  }
}
