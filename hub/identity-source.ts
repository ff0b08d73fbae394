import { open, readFile, rm } from 'node:fs/promises';
import type { Logger } from 'pino';
import { parseJson } from '../contract/index.js';
import type { Clock, NfcReader } from '../hardware/index.js';
import {
  type ClaimCertificate,
  type HubIdentity,
  type KeyStore,
  type MqttClientChoice,
  type ProvisioningListener,
  type ProvisioningState,
  type ProvisioningStep,
  provisionHub,
  readSignedTag,
  type SignedTag,
  SignerKeysSchema,
} from '../provisioning/index.js';
import { type BackOff, backOffMs } from './back-off.js';
import { timestamp } from './boot.js';
import { describeFailure, HubError } from './errors.js';
import { Signal } from './signal.js';

export type IdentitySourceDeps = {
  keyStore: KeyStore;
  nfc: NfcReader;
  signerKeysFile: string;
  claimCertFile: string | undefined;
  claimKeyFile: string | undefined;
  iot: { endpoint: string; port: number; caPem: string; template: string; mqttClient?: MqttClientChoice };
  clock: Clock;
  random: () => number;
  log: Logger;
};

/** What the hub is at on its way to an identity. */
export type IdentityStep = 'read-store' | 'read-tag' | ProvisioningStep;

/** Why the hub has no identity yet. */
export type IdentityProblem = {
  /** waiting: for a tag, a reader or the network · refused: somebody has to do something, or the cloud said no. */
  state: 'waiting' | 'refused';
  code: string;
  message: string;
  /** What it was at. */
  step: IdentityStep;
  /** Wall clock in milliseconds at which it tries again; undefined: it looks for a tag, or at its clock, all the time. */
  retryAtMs: number | undefined;
};

// A tag is laid on by hand, and may be lifted while it is read.
const TAG_RETRY_MS = 2000;
const PASSES_BY_ITSELF =
  /^(nfc\.(no-tag|read-failed|no-service|service-hangs|no-reader|reader-busy|reader-failed)|socket\..*)$/;
const ABOUT_THE_TAG = /^(tag|nfc|ndef|socket)\./;
/** A refusal may have been the bad day of the cloud's hook, of which AWS tells no more than that it said no. */
const REFUSED_BACK_OFF: BackOff = { baseMs: 60_000, capMs: 60 * 60 * 1000 };

/** Who the hub is: from its key store, or earned with the tag on the reader. */
export class IdentitySource {
  readonly #deps: IdentitySourceDeps;
  #hwId: string | undefined;
  #problem: IdentityProblem | undefined;
  #step: IdentityStep = 'read-store';
  readonly #listeners: (() => void)[] = [];
  readonly #troubled = new Signal();

  constructor(deps: IdentitySourceDeps) {
    this.#deps = deps;
  }

  /** 20 hex digits, once the tag or the key store has told it. */
  get hwId(): string | undefined {
    return this.#hwId;
  }

  /** What it waits for, or why it was refused. */
  get problem(): IdentityProblem | undefined {
    return this.#problem;
  }

  /** Called when there is another problem, or none any more. */
  onChange(listener: () => void): void {
    this.#listeners.push(listener);
  }

  /** Resolves when it has a problem, which may last, and after this time at the latest. */
  async untilTroubled(limitMs: number, signal: AbortSignal): Promise<void> {
    await this.#troubled.waitAtMost(limitMs, this.#deps.clock, signal);
  }

  /** Tries until it has an identity, at once when another tag is laid on. @throws the reason of the signal */
  async obtain(signal: AbortSignal): Promise<HubIdentity> {
    for (let refusals = 0; ; ) {
      let tag: SignedTag | undefined;
      let wantsTag = false;
      try {
        this.#step = 'read-store';
        const phase = await this.#phase();
        wantsTag = phase !== 'ACTIVE';
        // Who is registered goes on without it; only another hub's tag speaks against that.
        const isRegistered = phase === 'REGISTERED' || phase === 'VERIFIED';
        if (isRegistered) tag = await this.#tagIfThere(signal);
        else if (wantsTag) {
          tag = await this.#readTag(signal);
          this.#hwId = tag.hwId;
        }
        const identity = await this.#provision(tag, signal);
        this.#set(undefined);
        return identity;
      } catch (error) {
        signal.throwIfAborted();
        const { code, message } = describeFailure(error, 'hub.internal');
        if (ABOUT_THE_TAG.test(code)) {
          const state = PASSES_BY_ITSELF.test(code) ? 'waiting' : 'refused';
          this.#tell({ state, code, message, step: this.#step }, error);
          await this.#deps.clock.sleep(TAG_RETRY_MS, signal);
        } else {
          refusals += 1;
          await this.#waitAfterRefusal({ code, message, refusals, tag, wantsTag }, error, signal);
        }
      }
    }
  }

  async #phase(): Promise<ProvisioningState['phase']> {
    const state = await this.#deps.keyStore.readState();
    if (state.phase !== 'UNPROVISIONED') this.#hwId = state.hwId;
    return state.phase;
  }

  async #readTag(signal: AbortSignal): Promise<SignedTag> {
    const { nfc, signerKeysFile } = this.#deps;
    this.#step = 'read-tag';
    const text = await readFile(signerKeysFile, 'utf8').catch((cause: unknown) => {
      throw new HubError('config.invalid', `INKLET_SIGNER_KEYS_FILE: cannot read ${signerKeysFile}`, { cause });
    });
    const keys = parseJson(SignerKeysSchema, text);
    if (!keys.ok) {
      const what = keys.refusals.map(({ path, reason }) => `${path}: ${reason}`).join('; ');
      throw new HubError('config.invalid', `${signerKeysFile}: ${what}`);
    }
    return await readSignedTag(nfc, { keys: keys.value, signal });
  }

  async #tagIfThere(signal: AbortSignal): Promise<SignedTag | undefined> {
    const tag = await this.#readTag(signal).catch(() => undefined);
    signal.throwIfAborted();
    return tag;
  }

  async #provision(tag: SignedTag | undefined, signal: AbortSignal): Promise<HubIdentity> {
    const { keyStore, clock, random, log, iot } = this.#deps;
    const claim = tag === undefined ? undefined : await this.#claim();
    const wipeClaimKey = () => this.#wipeClaimKey();
    // Whatever was said about another tag is over.
    if (this.#problem?.retryAtMs === undefined) this.#set(undefined);
    const listener: ProvisioningListener = {
      onStep: (step) => {
        this.#step = step;
      },
      onTrouble: (trouble) => this.#hearTrouble(trouble),
    };
    return await provisionHub({
      ...iot,
      keyStore,
      claim,
      tag: tag?.proof,
      clock,
      random,
      log,
      signal,
      wipeClaimKey,
      listener,
    });
  }

  async #waitAfterRefusal(
    refusal: { code: string; message: string; refusals: number; tag: SignedTag | undefined; wantsTag: boolean },
    error: unknown,
    signal: AbortSignal,
  ): Promise<void> {
    const { clock, random } = this.#deps;
    const { code, message, refusals, tag, wantsTag } = refusal;
    const waitMs = backOffMs(REFUSED_BACK_OFF, refusals, random);
    const step = this.#step;
    this.#tell({ state: 'refused', code, message, step, retryAtMs: clock.now() + waitMs }, error);
    const untilMs = clock.monotonic() + waitMs;
    for (let leftMs = waitMs; leftMs > 0; leftMs = untilMs - clock.monotonic()) {
      await clock.sleep(Math.min(leftMs, TAG_RETRY_MS), signal);
      if (wantsTag && (await this.#isAnotherTag(tag, signal))) return;
    }
  }

  async #isAnotherTag(tag: SignedTag | undefined, signal: AbortSignal): Promise<boolean> {
    const found = await this.#tagIfThere(signal);
    return found !== undefined && found.proof.tagUid !== tag?.proof.tagUid;
  }

  /** In the log already. */
  #hearTrouble({ code, message, step, waitMs }: Parameters<ProvisioningListener['onTrouble']>[0]): void {
    // By a clock that is wrong, no time can be told.
    const retryAtMs = code === 'link.clock-not-set' ? undefined : this.#deps.clock.now() + waitMs;
    this.#set({ state: 'waiting', code, message, step, retryAtMs });
  }

  #set(problem: IdentityProblem | undefined): void {
    this.#problem = problem;
    if (problem !== undefined) this.#troubled.notify();
    for (const listener of this.#listeners) listener();
  }

  /** In the log once on change. */
  #tell(problem: Omit<IdentityProblem, 'retryAtMs'> & { retryAtMs?: number }, error: unknown): void {
    const { log } = this.#deps;
    const { state, code, message, step, retryAtMs } = problem;
    const isNews = this.#problem?.code !== code;
    this.#set({ state, code, message, step, retryAtMs });
    const facts = {
      code,
      reason: message,
      step,
      ...(retryAtMs === undefined ? {} : { retryAt: timestamp(retryAtMs) }),
    };
    if (!isNews) log.debug(facts, 'no identity yet');
    else if (state === 'waiting') log.info(facts, 'waiting for the tag');
    else log.error({ ...facts, err: error }, 'no identity: the hub works on its own');
  }

  async #claim(): Promise<ClaimCertificate | undefined> {
    const { claimCertFile, claimKeyFile } = this.#deps;
    if (claimCertFile === undefined || claimKeyFile === undefined) return undefined;
    try {
      const [certPem, keyPem] = await Promise.all([readFile(claimCertFile, 'utf8'), readFile(claimKeyFile, 'utf8')]);
      return { certPem, keyPem };
    } catch (error) {
      this.#deps.log.warn({ err: error }, 'no claim certificate');
      return undefined;
    }
  }

  /** Overwritten before it is removed; on flash this is the best that a file system allows. */
  async #wipeClaimKey(): Promise<void> {
    const { claimKeyFile, log } = this.#deps;
    if (claimKeyFile === undefined) return;
    try {
      const file = await open(claimKeyFile, 'r+');
      try {
        const { size } = await file.stat();
        await file.write(Buffer.alloc(size), 0, size, 0);
        await file.sync();
      } finally {
        await file.close();
      }
      await rm(claimKeyFile, { force: true });
      log.info('claim key wiped');
    } catch (error) {
      const isGone = error instanceof Error && 'code' in error && error.code === 'ENOENT';
      if (!isGone) log.warn({ err: error }, 'claim key not wiped');
    }
  }
}
