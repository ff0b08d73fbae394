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
  /** What the tag says; absent where no tag could be read, which a hub that is registered does without. */
  readonly tag: HwIdProof | undefined;
  readonly clock: Clock;
  /** From 0 up to 1. */
  readonly random: () => number;
  readonly log: Logger;
  readonly signal?: AbortSignal | undefined;
  readonly listener?: ProvisioningListener | undefined;
}

type Run = ClaimExchangeDeps & { readonly enter: (step: ProvisioningStep) => void };

type Exchange = Run & { readonly tag: HwIdProof; readonly hardware: HwIdPayload };

/** A token lives for an hour (AWS IoT developer guide, fleet provisioning); we stop trusting it a little earlier. */
export const TOKEN_LIFE_MS = 55 * 60_000;
const NONCE_BYTES = 16;
/** A new certificate is known everywhere within seconds; one that is refused so often was withdrawn. */
const MAX_REFUSALS = 6;
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
 *   `claim.no-tag` before the hub is registered, `claim.another-tag`, `link.not-allowed`, `store.damaged`; the reason of the signal when it aborts
 */
export async function runClaimExchange(deps: ClaimExchangeDeps): Promise<HubIdentity> {
  const { keyStore, clock, random, log, signal, listener } = deps;
  let failures = 0;
  let refusals = 0;
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
      if (error.code === 'link.refused') refusals += 1;
      reached = phase;
      const { code, message } = error;
      const waitMs = backOffMs(code, failures, random);
      const facts = { code, reason: message, step, phase, failures, waitMs };
      if (failures === 1 || told !== code) log.warn(facts, 'provisioning failed, will try again');
      else log.debug(facts, 'provisioning failed again');
      told = code;
      listener?.onTrouble({ code, message, step, waitMs });
      if (refusals >= MAX_REFUSALS) {
        refusals = 0;
        await forgetCertificate(deps, 'certificate refused again and again');
      }
      await clock.sleep(waitMs, signal);
    }
  }
}

async function exchangeOnce(deps: ClaimExchangeDeps, enter: Run['enter']): Promise<HubIdentity> {
  const { clock, keyStore, log } = deps;
  let state = await keyStore.readState();
  if (state.phase !== 'ACTIVE') {
    const run = { ...deps, enter };
    enter('check-clock');
    if (clock.now() < EARLIEST_NOW_MS) {
      throw new ProvisioningError('link.clock-not-set', `the clock says ${new Date(clock.now()).toISOString()}`);
    }
    const registered = await untilRegistered(run, await withWholePair(run, state));
    if (registered.phase === 'REGISTERED') await verifyNewPair(run, registered);
    state = { ...registered, phase: 'ACTIVE' };
    await keyStore.writeState(state);
    log.info({ thingName: state.thingName }, 'hub provisioned');
  }
  const identity = await keyStore.identity();
  if (identity === undefined) throw new ProvisioningError('store.damaged', 'the state was changed by someone else');
  return identity;
}

/** A key and a certificate that are no pair lead nowhere. */
async function withWholePair(run: Run, state: ProvisioningState): Promise<ProvisioningState> {
  if (!('certificateId' in state) || (await isWholePair(run, state.certificateId))) return state;
  return await forgetCertificate(run, 'certificate is not of the device key');
}

async function isWholePair({ keyStore }: Run, certificateId: string): Promise<boolean> {
  const keyPem = await keyStore.readKey();
  const certPem = await keyStore.readCertificate(certificateId).catch(() => '');
  try {
    requireCertificateFor(keyPem, certPem);
    return true;
  } catch {
    return false;
  }
}

/** Back to the key, which gets another certificate for the same claim. */
async function forgetCertificate(
  { keyStore, log }: Pick<ClaimExchangeDeps, 'keyStore' | 'log'>,
  why: string,
): Promise<ProvisioningState> {
  const state = await keyStore.readState();
  if (!('certificateId' in state)) return state;
  const { hwId, model, claimNonce, certificateId } = state;
  log.warn({ certificateId, phase: state.phase, reason: why }, 'certificate given up, another one is asked for');
  const keyMade: KeyMade = { phase: 'KEY_MADE', hwId, model, claimNonce };
  await keyStore.writeState(keyMade);
  await keyStore.removeCertificate(certificateId);
  return keyMade;
}

function hardwareOn(tag: HwIdProof): HwIdPayload {
  const decoded = decodeHwIdPayload(Buffer.from(tag.payload, 'base64url'));
  if (!decoded.ok) throw new ProvisioningError('tag.malformed', `the hardware id is refused: ${decoded.reason}`);
  return decoded.payload;
}

async function untilRegistered(run: Run, state: ProvisioningState): Promise<Registered> {
  const { tag, link, enter, signal } = run;
  const hardware = tag === undefined ? undefined : hardwareOn(tag);
  if ('thingName' in state) {
    if (hardware === undefined || state.hwId === hardware.hwId) return state;
    throw new ProvisioningError('claim.another-tag', `registered as ${state.hwId}, the tag says ${hardware.hwId}`);
  }
  if (tag === undefined || hardware === undefined) {
    throw new ProvisioningError('claim.no-tag', 'the hub cannot tell who it is without its tag');
  }
  const exchange: Exchange = { ...run, tag, hardware };
  const isStarted = state.phase !== 'UNPROVISIONED' && state.hwId === hardware.hwId;
  const started = isStarted ? state : await makeKey(exchange, state);
  enter('connect');
  const claim = await link.openClaim(signal);
  try {
    const issued = hasLivingToken(started, exchange) ? started : await requestCertificate(exchange, claim, started);
    return await register(exchange, claim, issued);
  } finally {
    await claim.close();
  }
}

async function makeKey({ keyStore, hardware, enter, log }: Exchange, before: ProvisioningState): Promise<KeyMade> {
  enter('make-key');
  // The certificate of a claim that is given up must not be found beside the key of the next one.
  if (before.phase !== 'UNPROVISIONED') await keyStore.writeState({ phase: 'UNPROVISIONED' });
  if ('certificateId' in before) await keyStore.removeCertificate(before.certificateId);
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
    signingRequestFor(keyPem, thingNameFor(hwId)),
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
  exchange: Exchange,
  claim: ClaimConnection,
  { hwId, model, claimNonce, certificateId, token }: CertIssued,
): Promise<Registered> {
  const { keyStore, tag, enter, log, signal } = exchange;
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
      await forgetCertificate(exchange, 'token refused');
    }
    throw error;
  }
}

async function verifyNewPair({ keyStore, link, enter, signal }: Run, registered: Registered): Promise<void> {
  enter('verify');
  const { thingName, certificateId } = registered;
  const [certPem, keyPem] = await Promise.all([keyStore.readCertificate(certificateId), keyStore.readKey()]);
  await link.verify({ thingName, certPem, keyPem }, signal);
  await keyStore.writeState({ ...registered, phase: 'VERIFIED' });
}
