import { timingSafeEqual } from 'node:crypto';
import type { Logger } from 'pino';
import type { Clock } from '../../hardware/index.js';
import { BackgroundWork } from '../display/background-work.js';
import type { WiredDisplay } from '../display/wired-display.js';
import { HubError } from '../errors.js';
import type { Binding } from '../storage/binding.js';
import type { LocalTries } from '../storage/local-tries.js';
import { codeHmac, newCode, newWord, type RandomBytes } from './local-code.js';
import type { LocalHousehold } from './local-household.js';

export type LocalClaimsDeps = {
  binding: Pick<Binding, 'household' | 'local'>;
  tries: Pick<LocalTries, 'admit' | 'noteWrong' | 'noteRight'>;
  household: Pick<LocalHousehold, 'bind' | 'leave'>;
  display: Pick<WiredDisplay, 'showScreen' | 'giveBack'>;
  /** Whether accounts cannot claim this hub now. */
  isCloudAway: () => boolean;
  /** The hub's own page, as a telephone in the home network opens it. */
  pageUrl: () => string;
  newId: () => string;
  randomBytes: RandomBytes;
  clock: Pick<Clock, 'monotonic'>;
  log: Logger;
};

/** Who has typed the code, and what to compare. */
export type AskedClaim = { claimId: string; householdName: string; word: string };

type Live = { hmac: Buffer; word: string; expiresMonoMs: number; asked: AskedClaim | undefined };

const CODE_LIFE_MS = 10 * 60_000;
const CODE_LIFE_S = CODE_LIFE_MS / 1000;
const KEY_BYTES = 32;

/**
 * Claim codes that the hub makes itself while the cloud is away: shown on the glass, typed on the hub's own page. One at a
 * time, and none outlives the process: what is kept of a code says nothing without a key that is in memory alone.
 */
export class LocalClaims {
  readonly #deps: LocalClaimsDeps;
  readonly #key: Uint8Array;
  readonly #work: BackgroundWork;
  #live: Live | undefined;

  constructor(deps: LocalClaimsDeps) {
    this.#deps = deps;
    this.#key = deps.randomBytes(KEY_BYTES);
    this.#work = new BackgroundWork(deps.log);
  }

  /** Whether a code is good that the hub made. */
  get isLive(): boolean {
    return this.#alive() !== undefined;
  }

  /** Shows a new code; the one before is dead. @throws HubError `claim.not-wanted` */
  show(): void {
    const { binding, randomBytes, pageUrl, clock } = this.#deps;
    this.#requireWanted();
    const code = newCode(randomBytes);
    const word = newWord(randomBytes);
    const hmac = codeHmac(this.#key, code);
    const live: Live = { hmac, word, expiresMonoMs: clock.monotonic() + CODE_LIFE_MS, asked: undefined };
    this.#live = live;
    const url = `${pageUrl()}?code=${code}`;
    // Who wants to leave still has something on the glass that must come back.
    const back = binding.household() === undefined ? {} : { showForS: CODE_LIFE_S };
    this.#paint({ kind: 'claim-code', code, url, word }, live, back);
  }

  /** The code was typed: the glass says who asks. @throws HubError `claim.*` */
  lookUp(typed: string, householdName: string): AskedClaim {
    const { binding, newId } = this.#deps;
    if (binding.household() !== undefined) throw notWanted();
    const live = this.#guess(typed);
    live.asked = { claimId: newId(), householdName, word: live.word };
    this.#paint({ kind: 'claim-asked', householdName, word: live.word }, live);
    return live.asked;
  }

  /** The words are the same: the hub is theirs. Gives the receipt. @throws HubError `claim.not-found`, `claim.not-wanted` */
  confirm(claimId: string): { householdName: string; receipt: string } {
    const { binding, household, log } = this.#deps;
    const { householdName } = this.#askedBy(claimId);
    if (binding.household() !== undefined) throw notWanted();
    const receipt = household.bind(householdName);
    this.end();
    log.info('bound at the hub while the cloud is away');
    this.#paint({ kind: 'bound', householdName });
    return { householdName, receipt };
  }

  /** Another word stands on the glass, or none: a new code. @throws HubError `claim.not-found`, `claim.not-wanted` */
  decline(claimId: string): void {
    this.#askedBy(claimId);
    this.show();
  }

  /** Who stands before the glass lets the hub go that was bound here. @throws HubError `claim.*` */
  async leave(typed: string): Promise<void> {
    const { binding, household, log } = this.#deps;
    const local = binding.local();
    if (local === undefined) throw notWanted();
    this.#guess(typed);
    this.end();
    await household.leave(local);
    log.info('let go at the hub');
  }

  /** The hub is claimed in another way, or not any more: its own code is dead. */
  end(): void {
    this.#live = undefined;
  }

  async stop(): Promise<void> {
    this.end();
    await this.#work.settled();
  }

  #requireWanted(): void {
    const { binding, isCloudAway } = this.#deps;
    const isOurs = binding.household() === undefined ? isCloudAway() : binding.local() !== undefined;
    if (!isOurs) throw notWanted();
  }

  #guess(typed: string): Live {
    const { tries } = this.#deps;
    tries.admit();
    const live = this.#alive();
    if (live === undefined || !timingSafeEqual(codeHmac(this.#key, typed), live.hmac)) {
      tries.noteWrong();
      throw new HubError('claim.not-found', 'the glass does not show this code now');
    }
    tries.noteRight();
    return live;
  }

  #askedBy(claimId: string): AskedClaim {
    const asked = this.#alive()?.asked;
    if (asked?.claimId !== claimId) throw new HubError('claim.not-found', 'the claim is over');
    return asked;
  }

  #alive(): Live | undefined {
    const live = this.#live;
    return live !== undefined && this.#deps.clock.monotonic() < live.expiresMonoMs ? live : undefined;
  }

  /** Nobody waits for the glass, which may rest for minutes. */
  #paint(screen: Parameters<WiredDisplay['showScreen']>[0], live?: Live, back: { showForS?: number } = {}): void {
    const wanted = live === undefined ? {} : { wanted: () => this.#alive() === live };
    this.#work.track(this.#deps.display.showScreen(screen, { ...back, ...wanted }).then(() => undefined));
  }
}

function notWanted(): HubError {
  return new HubError('claim.not-wanted', 'the hub is somebody’s, or is claimed by an account');
}
