import { open, readFile, rm } from 'node:fs/promises';
import type { Logger } from 'pino';
import { parseJson } from '../contract/index.js';
import { type Clock, HardwareError, type NfcReader } from '../hardware/index.js';
import {
  type ClaimCertificate,
  type HubIdentity,
  type KeyStore,
  provisionHub,
  readSignedTag,
  type SignedTag,
  SignerKeysSchema,
} from '../provisioning/index.js';
import { describeFailure, HubError } from './errors.js';

export type IdentitySourceDeps = {
  keyStore: KeyStore;
  nfc: NfcReader;
  signerKeysFile: string;
  claimCertFile: string | undefined;
  claimKeyFile: string | undefined;
  iot: { endpoint: string; port: number; caPem: string; template: string };
  clock: Clock;
  random: () => number;
  log: Logger;
};

// A tag is laid on by hand, and may be lifted while it is read.
const TAG_RETRY_MS = 2000;
const PASSING_TAG_FAILURES = new Set(['nfc.no-tag', 'nfc.read-failed', 'socket.refused']);

/** Who the hub is: from its key store, or earned with the tag on the reader. */
export class IdentitySource {
  readonly #deps: IdentitySourceDeps;
  #hwId: string | undefined;
  #problem: { code: string; message: string } | undefined;

  constructor(deps: IdentitySourceDeps) {
    this.#deps = deps;
  }

  /** 20 hex digits, once the tag or the key store has told it. */
  get hwId(): string | undefined {
    return this.#hwId;
  }

  /** What it waits for. */
  get problem(): { code: string; message: string } | undefined {
    return this.#problem;
  }

  /** Waits for a tag and tries for as long as the network is away. @throws ProvisioningError when it is refused for good */
  async obtain(signal: AbortSignal): Promise<HubIdentity> {
    const { keyStore, clock, random, log, iot } = this.#deps;
    const state = await keyStore.readState();
    if (state.phase !== 'UNPROVISIONED') this.#hwId = state.hwId;
    const tag = state.phase === 'ACTIVE' ? undefined : await this.#awaitTag(signal);
    if (tag !== undefined) this.#hwId = tag.hwId;
    const claim = state.phase === 'ACTIVE' ? undefined : await this.#claim();
    const wipeClaimKey = () => this.#wipeClaimKey();
    const proof = tag?.proof;
    return await provisionHub({ ...iot, keyStore, claim, tag: proof, clock, random, log, signal, wipeClaimKey });
  }

  async #awaitTag(signal: AbortSignal): Promise<SignedTag> {
    const { nfc, clock, log, signerKeysFile } = this.#deps;
    const keys = parseJson(SignerKeysSchema, await readFile(signerKeysFile, 'utf8'));
    if (!keys.ok) {
      const what = keys.refusals.map(({ path, reason }) => `${path}: ${reason}`).join('; ');
      throw new HubError('config.invalid', `${signerKeysFile}: ${what}`);
    }
    for (;;) {
      try {
        const tag = await readSignedTag(nfc, { keys: keys.value, signal });
        this.#problem = undefined;
        return tag;
      } catch (error) {
        if (!(error instanceof HardwareError) || !PASSING_TAG_FAILURES.has(error.code)) throw error;
        if (this.#problem?.code !== error.code) log.info({ code: error.code }, 'waiting for the tag');
        this.#problem = describeFailure(error, 'hub.internal');
        await clock.sleep(TAG_RETRY_MS, signal);
      }
    }
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
