import type { Clock } from '../../hardware/index.js';
import { ProvisioningError } from '../errors.js';
import { connectInTime } from './connect-in-time.js';
import { MessageRoutes, type MqttHandler } from './message-routes.js';
import type { MqttAdapter, MqttAdapterFactory, MqttMessage, MqttOptions } from './mqtt-adapter.js';
import { FIRST_FAILURE_CODE, REASON } from './reason-codes.js';
import { withLimit } from './with-limit.js';

/** What sessions and links that mend them have in common: enough to ask a question on. */
export interface MqttChannel {
  /**
   * Hears topic filters, at most eight, until the returned function is called. A message is acknowledged once every handler
   * that it concerns has resolved.
   * @throws ProvisioningError `link.not-allowed`, `link.lost`
   */
  subscribe(filters: readonly string[], handler: MqttHandler, signal?: AbortSignal): Promise<() => void>;
  /**
   * Resolves when the broker has taken the message (QoS 1).
   * @throws ProvisioningError `link.not-allowed`, `link.throttled`, `link.too-large`, `link.lost`
   */
  publish(topic: string, payload: string | Uint8Array, signal?: AbortSignal): Promise<void>;
}

export interface MqttSessionDeps {
  readonly clock: Pick<Clock, 'sleep'>;
  /** Hears what handlers throw; such a message is not acknowledged. */
  readonly onHandlerFailure?: ((error: unknown, topic: string) => void) | undefined;
}

/** The longest payload that AWS IoT Core carries, in bytes. Source: AWS IoT Core quotas. */
const MAX_PAYLOAD_BYTES = 128 * 1024;
const ACK_LIMIT_MS = 30_000;
const STOP_LIMIT_MS = 2_000;

/** One connection by MQTT 5 and mutual TLS that is never mended: when it breaks, whoever uses it hears of it and begins again. */
export class MqttSession implements MqttChannel {
  readonly #adapter: MqttAdapter;
  readonly #deps: MqttSessionDeps;
  readonly #routes: MessageRoutes;
  readonly #over = new AbortController();
  readonly #handling = new Set<Promise<void>>();
  /** Resolves when the connection is over: with why it broke, or undefined after `close`. Never rejects. */
  readonly ended: Promise<ProvisioningError | undefined>;
  #tellEnd: (why: ProvisioningError | undefined) => void = () => {};
  #closing: Promise<void> | undefined;

  private constructor(options: MqttOptions, makeAdapter: MqttAdapterFactory, deps: MqttSessionDeps) {
    this.#deps = deps;
    this.#routes = new MessageRoutes({ holdsUnwanted: (options.sessionExpiryS ?? 0) > 0 });
    this.ended = new Promise((resolve) => {
      this.#tellEnd = resolve;
    });
    this.#adapter = makeAdapter(options, {
      onMessage: (message, acknowledge) => {
        const handling = this.#take(message, acknowledge);
        this.#handling.add(handling);
        void handling.finally(() => this.#handling.delete(handling));
      },
      onEnd: (why, reasonCode) => this.#break(why, reasonCode),
    });
  }

  /** @throws ProvisioningError `link.*`; the signal's reason when it aborts */
  static async open(
    options: MqttOptions,
    makeAdapter: MqttAdapterFactory,
    deps: MqttSessionDeps,
    signal?: AbortSignal,
  ): Promise<MqttSession> {
    signal?.throwIfAborted();
    const session = new MqttSession(options, makeAdapter, deps);
    try {
      await connectInTime(session.#adapter, options, deps, signal);
      return session;
    } catch (error) {
      await session.close();
      throw error;
    }
  }

  async subscribe(filters: readonly string[], handler: MqttHandler, signal?: AbortSignal): Promise<() => void> {
    const remove = this.#routes.add(filters, handler);
    try {
      const codes = await this.#limited(() => this.#adapter.subscribe(filters), 'SUBACK', signal);
      const refused = codes.findIndex((code) => code >= FIRST_FAILURE_CODE);
      if (refused >= 0) throw refusalOf(codes[refused] ?? 0, `SUBACK for ${filters[refused]}`);
      return remove;
    } catch (error) {
      remove();
      throw error;
    }
  }

  async publish(topic: string, payload: string | Uint8Array, signal?: AbortSignal): Promise<void> {
    const bytes = Buffer.from(payload);
    if (bytes.length > MAX_PAYLOAD_BYTES) {
      throw new ProvisioningError('link.too-large', `${bytes.length} bytes for ${topic}, limit ${MAX_PAYLOAD_BYTES}`);
    }
    const code = await this.#limited(() => this.#adapter.publish(topic, bytes), 'PUBACK', signal);
    if (code >= FIRST_FAILURE_CODE) throw refusalOf(code, `PUBACK for ${topic}`);
  }

  /**
   * Leaves by a DISCONNECT packet, so that no last will is published, and lets handlers end. Never rejects, and never takes
   * longer than two seconds.
   */
  async close(): Promise<void> {
    this.#closing ??= this.#close();
    await this.#closing;
  }

  async #take(message: MqttMessage, acknowledge: () => void): Promise<void> {
    try {
      await this.#routes.dispatch(message);
      if (!this.#over.signal.aborted) acknowledge();
    } catch (error) {
      this.#deps.onHandlerFailure?.(error, message.topic);
    }
  }

  #break(why: string, reasonCode: number | undefined): void {
    if (this.#over.signal.aborted) return;
    const code = reasonCode === REASON.sessionTakenOver ? 'link.taken-over' : 'link.lost';
    const words = reasonCode === undefined ? why : `DISCONNECT ${reasonCode}: ${why}`;
    const error = new ProvisioningError(code, words);
    this.#over.abort(error);
    this.#tellEnd(error);
    // Otherwise the library would mend it.
    void this.close();
  }

  /** Without an acknowledgement in time nobody can tell what became of it, nor whether anything gets through. */
  async #limited<T>(work: () => Promise<T>, what: string, signal?: AbortSignal): Promise<T> {
    const over = this.#over.signal;
    over.throwIfAborted();
    const failure = () => {
      this.#break(`no ${what} within ${ACK_LIMIT_MS} ms`, undefined);
      return new ProvisioningError('link.lost', `no ${what} within ${ACK_LIMIT_MS} ms`);
    };
    const anySignal = signal === undefined ? over : AbortSignal.any([over, signal]);
    try {
      return await withLimit(work(), { ...this.#deps, limitMs: ACK_LIMIT_MS, failure, signal: anySignal });
    } catch (error) {
      if (error instanceof ProvisioningError) throw error;
      signal?.throwIfAborted();
      // Libraries fail what is in flight just before or after they tell of the end.
      throw new ProvisioningError('link.lost', `the connection broke before ${what}`, { cause: error });
    }
  }

  async #close(): Promise<void> {
    if (!this.#over.signal.aborted) {
      this.#over.abort(new ProvisioningError('link.lost', 'the connection was closed'));
      this.#tellEnd(undefined);
    }
    const inTime = new AbortController();
    const limit = this.#deps.clock.sleep(STOP_LIMIT_MS, inTime.signal).catch(() => undefined);
    await Promise.race([Promise.all([this.#adapter.end().catch(() => undefined), ...this.#handling]), limit]);
    inTime.abort();
    this.#adapter.destroy();
  }
}

function refusalOf(reasonCode: number, what: string): ProvisioningError {
  const code = reasonCode === REASON.quotaExceeded ? 'link.throttled' : 'link.not-allowed';
  return new ProvisioningError(code, `reason code ${reasonCode} in ${what}`);
}
