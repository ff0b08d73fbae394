import assert from 'node:assert';
import type { RotationStep } from '../../contract/index.js';
import { ProvisioningError } from '../errors.js';
import { backOffMs } from '../fleet/back-off.js';
import { TOKEN_LIFE_MS, WORTH_RETRYING } from '../fleet/claim-exchange.js';
import { requireCertificateFor, signingRequestFor } from '../fleet/csr.js';
import type { Registered } from '../fleet/state.js';
import { commitNextPair } from './commit-next-pair.js';
import type { RotationDeps } from './rotation-ports.js';
import type {
  NextCertIssued,
  NextKeyMade,
  NextRegistered,
  Rotated,
  Rotation,
  RotationFailure,
  RotationOrder,
  RotationOutcome,
} from './rotation-state.js';

/** What the network may mend within minutes; after that the hub stays with its old pair until it is told again. */
const MAX_TRIES = 8;
/** AWS tells a hook that failed or was late from one that said no by nothing at all. */
const MAX_REFUSALS = 3;
/** Why a connection failed that says nothing of the pair; for all else a new pair that did not connect is no good. */
const SAYS_NOTHING_OF_THE_PAIR: ReadonlySet<string> = new Set([
  'link.no-network',
  'link.tls-refused',
  'link.throttled',
  'link.unavailable',
  'link.taken-over',
  'link.lost',
  'link.clock-not-set',
]);
const MAX_MESSAGE_CHARACTERS = 1000;

/**
 * Gives a hub its next key and certificate, or goes on where one was interrupted; each step is stored before its request.
 * The hub's own pair stays until the cloud has taken the next one for good, and whatever is refused leads back to it.
 * @throws ProvisioningError `rotation.not-active`, `store.damaged`; the reason of the signal when it aborts
 */
export async function rotate(deps: RotationDeps, order: RotationOrder): Promise<RotationOutcome> {
  return await new RotationRun(deps, order).run();
}

class RotationRun {
  readonly #deps: RotationDeps;
  readonly #order: RotationOrder;
  #step: RotationStep = 'key';

  constructor(deps: RotationDeps, order: RotationOrder) {
    this.#deps = deps;
    this.#order = order;
  }

  async run(): Promise<RotationOutcome> {
    const { clock, random, log, signal } = this.#deps;
    let refusals = 0;
    for (let failures = 1; ; failures += 1) {
      try {
        return await this.#advance();
      } catch (error) {
        signal?.throwIfAborted();
        const code = error instanceof ProvisioningError ? error.code : 'rotation.failed';
        if (code === 'rotation.not-active' || code === 'store.damaged') throw error;
        if (code === 'claim.refused') refusals += 1;
        const isWorthIt = WORTH_RETRYING.has(code) || code === 'claim.refused' || code === 'rotation.not-connected';
        if (!isWorthIt || failures >= MAX_TRIES || refusals >= MAX_REFUSALS) return await this.#giveUp(code, error);
        const waitMs = backOffMs(code, failures, random);
        log.info({ code, step: this.#step, failures, waitMs, err: error }, 'rotation failed, will try again');
        await clock.sleep(waitMs, signal);
      }
    }
  }

  async #advance(): Promise<RotationOutcome> {
    let rotation = (await this.#state()).rotation ?? (await this.#makeNextKey());
    if (rotation.stage === 'NEXT_KEY_MADE' || rotation.stage === 'NEXT_CERT_ISSUED') {
      rotation = await this.#untilRegistered(rotation);
    }
    if (rotation.stage === 'NEXT_REGISTERED') {
      this.#step = 'verify';
      await this.#moveToNextPair();
      await this.#write({ ...rotation, stage: 'NEXT_VERIFIED' });
      this.#deps.log.info({ certificateId: rotation.certificateId }, 'next certificate connects');
    }
    this.#step = 'commit';
    const refusal = await commitNextPair(this.#deps);
    return refusal === undefined ? await this.#settle() : await this.#giveUp(refusal.code, refusal);
  }

  async #makeNextKey(): Promise<NextKeyMade> {
    this.#step = 'key';
    const keyFile = await this.#deps.keyStore.makeNextKey();
    const rotation: NextKeyMade = { stage: 'NEXT_KEY_MADE', ...this.#order, keyFile };
    await this.#write(rotation);
    this.#deps.log.info(this.#order, 'next key made');
    return rotation;
  }

  async #untilRegistered(rotation: NextKeyMade | NextCertIssued): Promise<NextRegistered> {
    const { clock } = this.#deps;
    this.#step = 'certificate';
    const hasLivingToken = rotation.stage === 'NEXT_CERT_ISSUED' && clock.now() < rotation.tokenUntilMs;
    const issued = hasLivingToken ? rotation : await this.#requestCertificate(rotation);
    this.#step = 'register';
    return await this.#register(issued);
  }

  async #requestCertificate({ reason, orderId, keyFile }: NextKeyMade | NextCertIssued): Promise<NextCertIssued> {
    const { keyStore, link, clock, log, signal } = this.#deps;
    const keyPem = await keyStore.readKey(keyFile);
    const csrPem = signingRequestFor(keyPem, link.pair.thingName);
    const { certificateId, certPem, token } = await link.requests.createCertificateFromCsr(csrPem, signal);
    requireCertificateFor(keyPem, certPem);
    await keyStore.writeCertificate(certificateId, certPem);
    const tokenUntilMs = clock.now() + TOKEN_LIFE_MS;
    const issued = { stage: 'NEXT_CERT_ISSUED', reason, orderId, keyFile, certificateId, token, tokenUntilMs } as const;
    await this.#write(issued);
    log.info({ certificateId }, 'next certificate issued');
    return issued;
  }

  async #register({ reason, orderId, keyFile, certificateId, token }: NextCertIssued): Promise<NextRegistered> {
    const { keyStore, link, log, signal } = this.#deps;
    const { hwId, thingName: ours } = link.pair;
    try {
      const { thingName } = await link.requests.registerThing({ token, parameters: { hwId } }, signal);
      if (thingName !== ours) {
        throw new ProvisioningError('claim.rejected', `registered for ${thingName} instead of ${ours}`);
      }
    } catch (error) {
      if (error instanceof ProvisioningError && error.code === 'claim.token-refused') {
        await this.#write({ stage: 'NEXT_KEY_MADE', reason, orderId, keyFile });
        await keyStore.removeCertificate(certificateId);
      }
      throw error;
    }
    const registered: NextRegistered = { stage: 'NEXT_REGISTERED', reason, orderId, keyFile, certificateId };
    await this.#write(registered);
    log.info({ certificateId }, 'next certificate registered');
    return registered;
  }

  async #moveToNextPair(): Promise<void> {
    const { keyStore, link } = this.#deps;
    const { next } = await keyStore.pairs();
    if (next === undefined) throw new ProvisioningError('rotation.failed', 'the next pair cannot be read');
    const move = await link.moveTo(next);
    if (move.ok) return;
    const { code, message } = move;
    if (SAYS_NOTHING_OF_THE_PAIR.has(code))
      throw new ProvisioningError('rotation.not-connected', `${code}: ${message}`);
    throw new ProvisioningError('rotation.new-pair-refused', `${code}: ${message}`);
  }

  /** The next pair becomes the hub's in one write; what it replaces is removed after that. */
  async #settle(): Promise<RotationOutcome> {
    const { keyStore, clock, link, log } = this.#deps;
    const { rotation, ...state } = await this.#state();
    assert(rotation !== undefined && rotation.stage === 'NEXT_VERIFIED');
    const { certificateId, keyFile, reason, orderId } = rotation;
    const replacedCertificateId = state.certificateId;
    const atMs = clock.now();
    const rotated: Rotated = { reason, orderId, atMs, isTold: false, certificateId, replacedCertificateId };
    await keyStore.writeState({ ...state, certificateId, keyFile, lastRotation: rotated });
    log.info({ certificateId, replacedCertificateId, reason }, 'certificate rotated');
    const identity = await keyStore.identity();
    if (identity !== undefined) await link.stayWith(identity);
    await this.#sweep();
    return { ok: true, rotated };
  }

  /** The hub's own pair is all that is left. */
  async #giveUp(code: string, error: unknown): Promise<RotationOutcome> {
    const { keyStore, clock, log } = this.#deps;
    const { rotation, ...state } = await this.#state();
    const { reason, orderId } = rotation ?? this.#order;
    const message = (error instanceof Error ? error.message : String(error)).slice(0, MAX_MESSAGE_CHARACTERS);
    const step = this.#step;
    const issued = rotation !== undefined && 'certificateId' in rotation ? rotation.certificateId : undefined;
    const why = { step, code, message, certificateId: issued };
    const failure: RotationFailure = { reason, orderId, atMs: clock.now(), isTold: false, ...why };
    await keyStore.writeState({ ...state, lastRotationFailure: failure });
    log.warn({ code, step, reason, err: error }, 'rotation failed, the hub stays with its certificate');
    await this.#goOnAsBefore();
    await this.#sweep();
    return { ok: false, failure };
  }

  async #goOnAsBefore(): Promise<void> {
    const identity = await this.#deps.keyStore.identity();
    if (identity !== undefined) await this.#deps.link.stayWith(identity);
  }

  async #sweep(): Promise<void> {
    const { keyStore, log } = this.#deps;
    await keyStore.sweep().catch((error: unknown) => log.warn({ err: error }, 'old pair not removed yet'));
  }

  async #state(): Promise<Registered> {
    const state = await this.#deps.keyStore.readState();
    if (state.phase === 'ACTIVE') return state;
    throw new ProvisioningError('rotation.not-active', `the hub is ${state.phase}`);
  }

  async #write(rotation: Rotation): Promise<void> {
    await this.#deps.keyStore.writeState({ ...(await this.#state()), rotation });
    this.#deps.onStage?.(rotation.stage);
  }
}
