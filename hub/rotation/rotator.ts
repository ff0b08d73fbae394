import type { Logger } from 'pino';
import type { HubEvent } from '../../contract/index.js';
import type { Clock } from '../../hardware/index.js';
import type {
  HubIdentity,
  KeyStore,
  Rotated,
  RotatingLink,
  Rotation,
  RotationCloud,
  RotationDeps,
  RotationFailure,
  RotationOrder,
  RotationOutcome,
} from '../../provisioning/index.js';
import type { Boot } from '../boot.js';
import { describeFailure, HubError } from '../errors.js';
import { Signal } from '../signal.js';
import type { Outbox } from '../storage/outbox.js';
import { notBeforeMs, rotationDueMs } from './due-time.js';

export type RotatorDeps = {
  keyStore: KeyStore;
  rotate: (deps: RotationDeps, order: RotationOrder) => Promise<RotationOutcome>;
  /** 0: never by age. */
  afterDays: number;
  outbox: Pick<Outbox, 'enqueue'>;
  boot: Pick<Boot, 'now'>;
  clock: Clock;
  random: () => number;
  log: Logger;
};

/** What people are told of the hub's certificate; times are wall clock in milliseconds. */
export type CertificateView = {
  certificateId: string;
  notBeforeMs: number;
  /** How far a rotation that is under way has come. */
  stage: Rotation['stage'] | undefined;
  lastRotation: Rotated | undefined;
  lastFailure: RotationFailure | undefined;
};

type Hears = (stage: Rotation['stage']) => void;
type Asked = {
  order: RotationOrder;
  hears: Hears | undefined;
  resolve: (outcome: RotationOutcome) => void;
  reject: (reason: unknown) => void;
};

const CHECK_MS = 15 * 60_000;
const REST_MS = 60_000;
/** The wall clock agreed with the cloud's within the last day. */
const AGREED = 2;

/** Changes the hub's key and certificate: when they are old, and when it is told to. One rotation at a time. */
export class Rotator {
  readonly #deps: RotatorDeps;
  readonly #wake = new Signal();
  readonly #stopping = new AbortController();
  readonly #asked: Asked[] = [];
  #view: CertificateView | undefined;
  /** Of this run, whether it could be stored or not. */
  #lastTryMs: number | undefined;
  #loop: Promise<void> | undefined;

  constructor(deps: RotatorDeps) {
    this.#deps = deps;
  }

  /** undefined before `start`. */
  view(): CertificateView | undefined {
    return this.#view;
  }

  /** Takes up what an earlier run left open, then waits for orders and for the certificate's age. */
  start(parts: { link: RotatingLink; cloud: RotationCloud }): void {
    this.#loop ??= this.#run(parts);
  }

  async stop(): Promise<void> {
    this.#stopping.abort(new HubError('hub.stopping', 'the hub stops'));
    this.#wake.notify();
    await this.#loop;
    for (const { reject } of this.#asked.splice(0)) reject(this.#stopping.signal.reason);
  }

  /**
   * Rotates, at once or as soon as the hub has its cloud. The same order again, after a restart too, gives the outcome that
   * it had. Whoever asks while one is under way gets the outcome of that one.
   * @throws the reason of the stop; ProvisioningError `store.damaged`
   */
  request(order: RotationOrder, hears?: Hears): Promise<RotationOutcome> {
    const { signal } = this.#stopping;
    if (signal.aborted) return Promise.reject(signal.reason);
    return new Promise((resolve, reject) => {
      this.#asked.push({ order, hears, resolve, reject });
      this.#wake.notify();
    });
  }

  async #run(parts: { link: RotatingLink; cloud: RotationCloud }): Promise<void> {
    const { clock, log } = this.#deps;
    const { signal } = this.#stopping;
    while (!signal.aborted) {
      try {
        const order = await this.#nextOrder();
        if (order !== undefined) await this.#carryOut(order, parts);
        else await this.#wake.waitAtMost(CHECK_MS, clock, signal);
      } catch (error) {
        if (signal.aborted) return;
        log.error({ err: error, ...describeFailure(error, 'hub.internal') }, 'rotation not possible');
        for (const { reject } of this.#asked.splice(0)) reject(error);
        await clock.sleep(REST_MS, signal).catch(() => undefined);
      }
    }
  }

  async #nextOrder(): Promise<RotationOrder | undefined> {
    const { keyStore } = this.#deps;
    await this.#tell();
    await this.#look();
    const state = await keyStore.readState();
    if (state.phase !== 'ACTIVE') return undefined;
    if (state.rotation !== undefined) return state.rotation;
    const leftovers = await keyStore.sweep();
    if (leftovers.length > 0) this.#deps.log.info({ files: leftovers.length }, 'leftovers of a rotation removed');
    this.#answerKnown(state.lastRotation, state.lastRotationFailure);
    return this.#asked[0]?.order ?? (await this.#orderByAge(state.lastRotation, state.lastRotationFailure));
  }

  /** An order that came again had its outcome before the hub was restarted. */
  #answerKnown(rotated: Rotated | undefined, failure: RotationFailure | undefined): void {
    for (const asked of this.#asked.splice(0)) {
      const { orderId } = asked.order;
      if (orderId !== undefined && rotated?.orderId === orderId) asked.resolve({ ok: true, rotated });
      else if (orderId !== undefined && failure?.orderId === orderId) asked.resolve({ ok: false, failure });
      else this.#asked.push(asked);
    }
  }

  async #orderByAge(
    rotated: Rotated | undefined,
    failure: RotationFailure | undefined,
  ): Promise<RotationOrder | undefined> {
    const { boot, keyStore, afterDays } = this.#deps;
    const { wallMs, wq } = boot.now();
    const identity = await keyStore.identity();
    // A clock that nobody has checked may say any year.
    if (identity === undefined || wq !== AGREED) return undefined;
    const tries = [this.#lastTryMs, rotated?.atMs, failure?.atMs].filter((atMs) => atMs !== undefined);
    const lastTryMs = tries.length === 0 ? undefined : Math.max(...tries);
    const dueMs = rotationDueMs(identity, { afterDays, lastTryMs });
    return dueMs !== undefined && wallMs >= dueMs ? { reason: 'age' } : undefined;
  }

  async #carryOut(order: RotationOrder, parts: { link: RotatingLink; cloud: RotationCloud }): Promise<void> {
    const { keyStore, rotate, clock, random, log } = this.#deps;
    const { signal } = this.#stopping;
    const onStage: Hears = (stage) => {
      if (this.#view !== undefined) this.#view = { ...this.#view, stage };
      for (const { hears } of this.#asked) hears?.(stage);
    };
    const { reason, orderId } = order;
    this.#lastTryMs = clock.now();
    try {
      const outcome = await rotate(
        { keyStore, ...parts, clock, random, log, signal, onStage },
        orderId === undefined ? { reason } : { reason, orderId },
      );
      // Whoever hears of the outcome finds it told.
      await this.#look();
      for (const { resolve } of this.#asked.splice(0)) resolve(outcome);
    } finally {
      const identity = await keyStore.identity().catch(() => undefined);
      if (identity !== undefined) await parts.link.stayWith(identity);
    }
  }

  /** Told before it is marked as told: rather twice than never. */
  async #tell(): Promise<void> {
    const { keyStore, outbox } = this.#deps;
    const state = await keyStore.readState();
    if (state.phase !== 'ACTIVE') return;
    const { lastRotation, lastRotationFailure } = state;
    const events: HubEvent[] = [];
    if (lastRotation?.isTold === false) events.push(eventOf(lastRotation));
    if (lastRotationFailure?.isTold === false) events.push(failureEventOf(lastRotationFailure));
    if (events.length === 0) return;
    for (const event of events) await outbox.enqueue(event);
    await keyStore.writeState({
      ...state,
      lastRotation: lastRotation && { ...lastRotation, isTold: true },
      lastRotationFailure: lastRotationFailure && { ...lastRotationFailure, isTold: true },
    });
  }

  async #look(): Promise<void> {
    const { keyStore } = this.#deps;
    const identity: HubIdentity | undefined = await keyStore.identity();
    const state = await keyStore.readState();
    if (identity === undefined || state.phase !== 'ACTIVE') return;
    this.#view = {
      certificateId: identity.certificateId,
      notBeforeMs: notBeforeMs(identity),
      stage: state.rotation?.stage,
      lastRotation: state.lastRotation,
      lastFailure: state.lastRotationFailure,
    };
  }
}

function eventOf({ certificateId, replacedCertificateId, reason }: Rotated): HubEvent {
  return { type: 'certificate.rotated', body: { certificateId, replacedCertificateId, reason } };
}

function failureEventOf({ reason, step, code, message, certificateId }: RotationFailure): HubEvent {
  return { type: 'certificate.rotation-failed', body: { reason, step, code, message, certificateId } };
}
