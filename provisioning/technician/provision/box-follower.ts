import type { Clock } from '../../../hardware/index.js';
import { ProvisioningError } from '../../errors.js';
import { backOffMs } from '../../fleet/back-off.js';
import type { CloudClient } from '../cloud/cloud-client.js';
import type { Journal } from '../journal/journal.js';
import { pendingIn, registerPending } from '../journal/register-pending.js';
import type { Output } from '../output.js';
import type { Box } from './box.js';
import { isAtRest, stageOf } from './hub-stage.js';

export type BoxFollowerDeps = {
  cloud: Pick<CloudClient, 'register' | 'report'>;
  box: Box;
  journal: Journal;
  output: Pick<Output, 'problem'>;
  clock: Clock;
  random: () => number;
};

const POLL_MS = 2000;
const LONGEST_PAUSE_MS = 60_000;

/** Registers what the tap of a tag has put into the journal, and asks the cloud how far each hub has come. */
export class BoxFollower {
  readonly #deps: BoxFollowerDeps;
  #woken = new AbortController();
  #failures = 0;
  #toldCode: string | undefined;

  constructor(deps: BoxFollowerDeps) {
    this.#deps = deps;
  }

  /** There is something new to register. */
  wake(): void {
    this.#woken.abort();
  }

  /**
   * Follows until the box is full and nothing more comes of any hub without a person.
   * @throws ProvisioningError `tech.file-unwritable`, or the signal's reason
   */
  async follow(signal: AbortSignal): Promise<void> {
    const { box, clock, random } = this.#deps;
    for (;;) {
      this.#woken = new AbortController();
      await this.round(signal);
      if (box.isFull && box.hubs.every((hub) => isAtRest(stageOf(hub)))) return;
      const pauseMs =
        this.#failures === 0
          ? POLL_MS
          : Math.min(LONGEST_PAUSE_MS, backOffMs(this.#toldCode ?? '', this.#failures, random));
      // While the cloud is away a new tag is no reason to ask sooner.
      const until = this.#failures === 0 ? AbortSignal.any([signal, this.#woken.signal]) : signal;
      await clock.sleep(pauseMs, until).catch(() => signal.throwIfAborted());
    }
  }

  /**
   * Registers what is to be registered, and asks once how far each hub has come. A cloud that is away is told once.
   * @throws ProvisioningError `tech.file-unwritable`, or the signal's reason
   */
  async round(signal: AbortSignal): Promise<void> {
    const { box, output } = this.#deps;
    try {
      await this.#ask(signal);
      this.#failures = 0;
      this.#toldCode = undefined;
    } catch (error) {
      if (!(error instanceof ProvisioningError && error.code.startsWith('cloud.'))) throw error;
      this.#failures += 1;
      if (this.#toldCode !== error.code)
        output.problem(error.code, `${error.message}; the tags go on, this is tried again`);
      this.#toldCode = error.code;
    }
    box.tell();
  }

  async #ask(signal: AbortSignal): Promise<void> {
    const { box, cloud, journal } = this.#deps;
    const pending = pendingIn(journal, { refusedToo: false }).filter((record) => record.box === box.name);
    await registerPending(pending, { cloud, journal, told: () => box.tell(), signal });
    for (const hub of box.hubs) {
      if (hub.record.registration.state !== 'registered' || stageOf(hub) === 'online') continue;
      const report = await cloud.report(hub.record.hwId, signal);
      if (report !== undefined) box.heard(report);
    }
  }
}
