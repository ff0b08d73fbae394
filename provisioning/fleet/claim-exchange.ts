import { randomBytes } from 'node:crypto';
import type { Logger } from 'pino';
import type { Clock } from '../../hardware/index.js';
import { ProvisioningError } from '../errors.js';
import { decodeHwIdPayload, type HwIdPayload, type HwIdProof, thingNameFor } from '../hw-id/index.js';
import { backOffMs } from './back-off.js';
import type { ClaimConnection, ClaimLink } from './claim-link.js';
import { requireCertificateFor, signingRequestFor } from './csr.js';
import type { HubIdentity, KeyStore } from './key-store.js';
import type { CertIssued, KeyMade, ProvisioningState, Registered } from './state.js';
import type { ProvisioningListener, ProvisioningStep } from './step.js';

export interface ClaimExchangeDeps {
  readonly keyStore: Pick<KeyStore, keyof KeyStore>;
  readonly link: ClaimLink;
  /** What the tag says; absent where no tag could be read. */
  readonly tag: HwIdProof | undefined;
  readonly clock: Clock;
  /** From 0 up to 1. */
  readonly random: () => number;
  readonly log: Logger;
  readonly signal?: AbortSignal | undefined;
  readonly listener?: ProvisioningListener | undefined;
}

type Exchange = ClaimExchangeDeps & {
  readonly tag: HwIdProof;
  readonly hardware: HwIdPayload;
  readonly enter: (step: ProvisioningStep) => void;
};

/** A token lives for an hour (AWS IoT developer guide, fleet provisioning); we stop trusting it a little earlier. */
export const TOKEN_LIFE_MS = 55 * 60_000;
const NONCE_BYTES = 16;
/** Before this software was written: a clock that was never set. */
const EARLIEST_NOW_MS = Date.UTC(2025, 0, 1);

/** Failures that time may mend. Everything else is told to the caller at once. */
export const WORTH_RETRYING: ReadonlySet<string> = new Set([
  'claim.token-refused',
  'claim.throttled',
  'claim.unavailable',
  'claim.no-answer',
  'claim.bad-answer',
  'link.clock-not-set',
  'link.no-network',
  'link.tls-refused',
  // The new pair, while AWS IoT has not spread the word of it.
  'link.refused',
  'link.throttled',
  'link.unavailable',
  'link.taken-over',
  'link.lost',
]);

/**
 * Goes from wherever the key store stands to ACTIVE. Every step is stored before the next begins, so that a kill at any
 * moment is followed by a start that goes on. What time may mend is tried again, and told to the listener.
 * @throws ProvisioningError `claim.refused`, `claim.rejected`, `claim.certificate-refused`, `claim.template-unknown`,
 *   `claim.no-tag`, `claim.another-tag`, `link.not-allowed`, `store.damaged`; the reason of the signal when it aborts
 */
export async function runClaimExchange(deps: ClaimExchangeDeps): Promise<HubIdentity> {
  const { keyStore, clock, random, log, signal, listener } = deps;
  let failures = 0;
  let told: string | undefined;
  let step: ProvisioningStep = 'check-clock';
  const enter = (next: ProvisioningStep) => {
    step = next;
    listener?.onStep(next);
  };
  let reached = (await keyStore.readState()).phase;
  for (;;) {
    try {
      return await exchangeOnce(deps, enter);
    } catch (error) {
      signal?.throwIfAborted();
      if (!(error instanceof ProvisioningError) || !WORTH_RETRYING.has(error.code)) throw error;
      const { phase } = await keyStore.readState();
      failures = phase === reached ? failures + 1 : 1;
      reached = phase;
      const { code, message } = error;
      const waitMs = backOffMs(code, failures, random);
      const facts = { code, reason: message, step, phase, failures, waitMs };
      if (failures === 1 || told !== code) log.warn(facts, 'provisioning failed, will try again');
      else log.debug(facts, 'provisioning failed again');
      told = code;
      listener?.onTrouble({ code, message, step, waitMs });
      await clock.sleep(waitMs, signal);
    }
  }
}

async function exchangeOnce(deps: ClaimExchangeDeps, enter: Exchange['enter']): Promise<HubIdentity> {
  const { clock, keyStore, log } = deps;
  let state = await keyStore.readState();
  if (state.phase !== 'ACTIVE') {
    const exchange = begin(deps, enter);
    enter('check-clock');
    if (clock.now() < EARLIEST_NOW_MS) {
      throw new ProvisioningError('link.clock-not-set', `the clock says ${new Date(clock.now()).toISOString()}`);
    }
    const registered = await untilRegistered(exchange, state);
    if (registered.phase === 'REGISTERED') await verifyNewPair(exchange, registered);
    state = { ...registered, phase: 'ACTIVE' };
    await keyStore.writeState(state);
    log.info({ thingName: state.thingName }, 'hub provisioned');
  }
  const identity = await keyStore.identity();
  if (identity === undefined) throw new ProvisioningError('store.damaged', 'the state was changed by someone else');
  return identity;
}

function begin(deps: ClaimExchangeDeps, enter: Exchange['enter']): Exchange {
  const { tag } = deps;
  if (tag === undefined) throw new ProvisioningError('claim.no-tag', 'the hub cannot tell who it is without its tag');
  const decoded = decodeHwIdPayload(Buffer.from(tag.payload, 'base64url'));
  if (!decoded.ok) throw new ProvisioningError('tag.malformed', `the hardware id is refused: ${decoded.reason}`);
  return { ...deps, tag, hardware: decoded.payload, enter };
}

async function untilRegistered(exchange: Exchange, state: ProvisioningState): Promise<Registered> {
  const { hardware, link, enter, signal } = exchange;
  if ('thingName' in state) {
    if (state.hwId === hardware.hwId) return state;
    throw new ProvisioningError('claim.another-tag', `registered as ${state.hwId}, the tag says ${hardware.hwId}`);
  }
  const isStarted = state.phase !== 'UNPROVISIONED' && state.hwId === hardware.hwId;
  const started = isStarted ? state : await makeKey(exchange);
  enter('connect');
  const claim = await link.openClaim(signal);
  try {
    const issued = hasLivingToken(started, exchange) ? started : await requestCertificate(exchange, claim, started);
    return await register(exchange, claim, issued);
  } finally {
    await claim.close();
  }
}

async function makeKey({ keyStore, hardware, enter, log }: Exchange): Promise<KeyMade> {
  enter('make-key');
  await keyStore.makeKey();
  const { hwId, model } = hardware;
  const claimNonce = randomBytes(NONCE_BYTES).toString('base64url');
  const state: KeyMade = { phase: 'KEY_MADE', hwId, model, claimNonce };
  await keyStore.writeState(state);
  log.info({ hwId }, 'device key made');
  return state;
}

function hasLivingToken(state: KeyMade | CertIssued, { clock }: Exchange): state is CertIssued {
  return state.phase === 'CERT_ISSUED' && clock.now() < state.tokenUntilMs;
}

async function requestCertificate(
  { keyStore, clock, enter, log, signal }: Exchange,
  claim: ClaimConnection,
  { hwId, model, claimNonce }: KeyMade | CertIssued,
): Promise<CertIssued> {
  enter('ask-certificate');
  const keyPem = await keyStore.readKey();
  const { certificateId, certPem, token } = await claim.createCertificateFromCsr(
    await signingRequestFor(keyPem, thingNameFor(hwId)),
    signal,
  );
  requireCertificateFor(keyPem, certPem);
  await keyStore.writeCertificate(certificateId, certPem);
  const tokenUntilMs = clock.now() + TOKEN_LIFE_MS;
  const state: CertIssued = { phase: 'CERT_ISSUED', hwId, model, claimNonce, certificateId, token, tokenUntilMs };
  await keyStore.writeState(state);
  log.info({ certificateId }, 'certificate issued');
  return state;
}

async function register(
  { keyStore, tag, enter, log, signal }: Exchange,
  claim: ClaimConnection,
  { hwId, model, claimNonce, certificateId, token }: CertIssued,
): Promise<Registered> {
  enter('register');
  const { payload, hwSig, tagUid } = tag;
  const parameters = { hwId, payload, hwSig, tagUid, claimNonce };
  try {
    const { thingName, deviceConfiguration } = await claim.registerThing({ token, parameters }, signal);
    if (thingName !== thingNameFor(hwId)) {
      throw new ProvisioningError('claim.rejected', `registered as ${thingName} instead of ${thingNameFor(hwId)}`);
    }
    const state: Registered = {
      phase: 'REGISTERED',
      hwId,
      model,
      claimNonce,
      certificateId,
      thingName,
      deviceConfiguration,
    };
    await keyStore.writeState(state);
    log.info({ thingName }, 'hub registered');
    return state;
  } catch (error) {
    if (error instanceof ProvisioningError && error.code === 'claim.token-refused') {
      await keyStore.writeState({ phase: 'KEY_MADE', hwId, model, claimNonce });
      await keyStore.removeCertificate(certificateId);
    }
    throw error;
  }
}

async function verifyNewPair({ keyStore, link, enter, signal }: Exchange, registered: Registered): Promise<void> {
  enter('verify');
  const { thingName, certificateId } = registered;
  const [certPem, keyPem] = await Promise.all([keyStore.readCertificate(certificateId), keyStore.readKey()]);
  await link.verify({ thingName, certPem, keyPem }, signal);
  await keyStore.writeState({ ...registered, phase: 'VERIFIED' });
}
