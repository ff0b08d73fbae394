import type { Logger } from 'pino';
import type { Clock } from '../../hardware/index.js';
import type { MqttHandler, MqttSession } from '../../provisioning/index.js';
import { backOffMs } from '../back-off.js';
import { describeFailure, HubError } from '../errors.js';
import { UNDISPUTED_AFTER_MS } from './clone-watch.js';
import type { CloudLink, LinkPair, LinkState, Swap } from './cloud-link.js';
import { Hearings } from './hearings.js';
import { linkBackOff } from './link-back-off.js';

export type MendedLinkOptions = {
  /** Opens one connection under this hub's client id. */
  open: (pair: LinkPair, signal: AbortSignal) => Promise<MqttSession>;
  /** What the hub connects by. */
  pair: LinkPair;
  /** Heard on every connection; a connection counts from their SUBACK on. At most eight. */
  subscriptions: readonly string[];
  onMessage: MqttHandler;
  clock: Clock;
  random: () => number;
  log: Logger;
};

const STEADY_AFTER_MS = 20_000;
const SWAP_RETRY = { baseMs: 500, capMs: 5000 };

/** Keeps one connection to the cloud: sessions that break are followed by others, whatever library they are made of. */
export class MendedLink implements CloudLink {
  readonly #options: MendedLinkOptions;
  readonly #log: Logger;
  readonly #stopping = new AbortController();
  readonly #hearings: Hearings;
  readonly #listeners: ((state: LinkState) => void)[] = [];
  #pair: LinkPair;
  #state: LinkState = {
    connected: false,
    connectedSinceMs: undefined,
    reconnects: 0,
    problem: undefined,
    takeOvers: 0,
  };
  #session: MqttSession | undefined;
  #connections = 0;
  #failures = 0;
  #running: Promise<void> | undefined;
  /** Ends what is being done, so that what is wanted next begins. */
  #turn = new AbortController();
  #swap: ((signal: AbortSignal) => Promise<void>) | undefined;
  #swaps: Promise<unknown> = Promise.resolve();

  constructor(options: MendedLinkOptions) {
    this.#options = options;
    this.#log = options.log;
    this.#pair = options.pair;
    this.#hearings = new Hearings(options);
  }

  start(): void {
    if (!this.#stopping.signal.aborted) this.#running ??= this.#run();
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#running;
  }

  state(): LinkState {
    return this.#state;
  }

  onChange(listener: (state: LinkState) => void): void {
    this.#listeners.push(listener);
  }

  async publish(topic: string, payload: string | Uint8Array): Promise<void> {
    const session = this.#live(topic);
    await session.publish(topic, payload).catch((error: unknown) => {
      throw hubErrorOf(error, topic);
    });
  }

  async subscribe(filters: readonly string[], handler: MqttHandler): Promise<() => void> {
    const what = filters.join(', ');
    return await this.#hearings.add(this.#live(what), filters, handler).catch((error: unknown) => {
      throw hubErrorOf(error, what);
    });
  }

  reconnectWith(pair: LinkPair, limitMs: number): Promise<Swap> {
    const swapped = this.#swaps.then(() => this.#askForSwap(pair, limitMs));
    this.#swaps = swapped;
    return swapped;
  }

  async #run(): Promise<void> {
    const stopping = this.#stopping.signal;
    while (!stopping.aborted) {
      this.#turn = new AbortController();
      await this.#takeTurn(AbortSignal.any([this.#turn.signal, stopping]));
    }
  }

  /** Never rejects. */
  async #takeTurn(signal: AbortSignal): Promise<void> {
    const swap = this.#swap;
    this.#swap = undefined;
    if (swap !== undefined) return await swap(signal);
    let failure: unknown;
    try {
      failure = await this.#stay(await this.#join(this.#pair, signal, 'whatever-it-hears'), signal);
    } catch (error) {
      failure = error;
    }
    if (!signal.aborted) await this.#rest(failure, signal);
  }

  /** Gives a session that hears the cloud. */
  async #join(pair: LinkPair, signal: AbortSignal, asLong: 'whatever-it-hears' | 'as-it-hears'): Promise<MqttSession> {
    const { open, subscriptions, onMessage } = this.#options;
    const session = await open(pair, signal);
    try {
      await session.subscribe(subscriptions, onMessage, signal).catch((error: unknown) => {
        if (asLong === 'as-it-hears' || !isCode(error, 'link.not-allowed')) throw error;
        // The exchange by HTTP goes on, and brings the commands.
        this.#log.error({ err: error, subscriptions }, 'subscription refused');
      });
      await this.#hearings.moveTo(session, signal);
      return session;
    } catch (error) {
      await session.close();
      throw error;
    }
  }

  /** Gives why the session ended. */
  async #stay(session: MqttSession, signal: AbortSignal): Promise<unknown> {
    const { clock } = this.#options;
    const leave = () => void session.close();
    signal.addEventListener('abort', leave, { once: true });
    if (signal.aborted) leave();
    this.#session = session;
    const sinceMs = clock.monotonic();
    const reconnects = this.#connections;
    this.#connections += 1;
    this.#change({ connected: true, connectedSinceMs: clock.now(), reconnects, problem: undefined });
    this.#log.info({ reconnects }, 'connected');
    const over = new AbortController();
    const mending = this.#hearings.mend(session, AbortSignal.any([over.signal, signal]));
    const why = await session.ended;
    over.abort();
    await mending;
    signal.removeEventListener('abort', leave);
    this.#session = undefined;
    await session.close();
    const heldMs = clock.monotonic() - sinceMs;
    if (heldMs >= STEADY_AFTER_MS) this.#failures = 0;
    this.#down(why, heldMs);
    return why;
  }

  #down(why: unknown, heldMs: number): void {
    const before = heldMs >= UNDISPUTED_AFTER_MS ? 0 : this.#state.takeOvers;
    const isTakenOver = isCode(why, 'link.taken-over');
    const takeOvers = isTakenOver ? before + 1 : before;
    const problem = why === undefined ? undefined : describeFailure(why, 'link.down');
    this.#log.info({ code: problem?.code, reason: problem?.message ?? 'stopped' }, 'disconnected');
    // Another process connects with this hub's identity: a copied card, or a second hub process.
    if (isTakenOver) this.#log.warn({ takeOvers }, 'another client connected with this identity; is this card a copy?');
    this.#change({ connected: false, connectedSinceMs: undefined, problem, takeOvers });
  }

  async #rest(failure: unknown, signal: AbortSignal): Promise<void> {
    const { clock, random } = this.#options;
    const problem = describeFailure(failure ?? new HubError('link.down', 'the connection ended'), 'hub.internal');
    this.#failures += 1;
    const tries = problem.code === 'link.taken-over' ? this.#state.takeOvers : this.#failures;
    const waitMs = backOffMs(linkBackOff(problem.code), tries, random);
    const facts = { code: problem.code, reason: problem.message, failures: this.#failures, waitMs };
    const isNews = this.#state.problem?.code !== problem.code;
    if (isNews) this.#log.info(facts, 'no connection to the cloud');
    else this.#log.debug(facts, 'no connection to the cloud yet');
    this.#change({ problem });
    await clock.sleep(waitMs, signal).catch(() => undefined);
  }

  async #askForSwap(pair: LinkPair, limitMs: number): Promise<Swap> {
    if (this.#running === undefined || this.#stopping.signal.aborted) {
      return { ok: false, code: 'link.down', message: 'the link is not started' };
    }
    return await new Promise((resolve) => {
      const stopped = () => resolve({ ok: false, code: 'link.down', message: 'the link was stopped' });
      this.#stopping.signal.addEventListener('abort', stopped, { once: true });
      this.#swap = (signal) => this.#trySwap(pair, limitMs, signal, resolve);
      this.#turn.abort();
    });
  }

  async #trySwap(pair: LinkPair, limitMs: number, signal: AbortSignal, tell: (swap: Swap) => void): Promise<void> {
    const { clock, random } = this.#options;
    const untilMs = clock.monotonic() + limitMs;
    for (let failures = 1; ; failures += 1) {
      try {
        const session = await this.#join(pair, signal, 'as-it-hears');
        this.#pair = pair;
        tell({ ok: true });
        await this.#stay(session, signal);
        return;
      } catch (error) {
        const { code, message } = describeFailure(error, 'hub.internal');
        const waitMs = backOffMs(SWAP_RETRY, failures, random);
        const isOver = signal.aborted || code === 'link.bad-credentials' || clock.monotonic() + waitMs >= untilMs;
        this.#log.info({ code, reason: message, failures, isOver }, 'not let in by the new certificate');
        if (isOver) return tell({ ok: false, code, message });
        await clock.sleep(waitMs, signal).catch(() => undefined);
      }
    }
  }

  #live(what: string): MqttSession {
    if (this.#session === undefined) throw new HubError('link.down', `not connected: ${what}`);
    return this.#session;
  }

  #change(change: Partial<LinkState>): void {
    this.#state = { ...this.#state, ...change };
    for (const listener of this.#listeners) listener(this.#state);
  }
}

function isCode(error: unknown, code: string): boolean {
  return describeFailure(error, 'hub.internal').code === code;
}

function hubErrorOf(error: unknown, what: string): HubError {
  const { code, message } = describeFailure(error, 'hub.internal');
  const isRefused = ['link.not-allowed', 'link.too-large', 'link.throttled'].includes(code);
  return isRefused
    ? new HubError('link.refused', `the broker refused ${what}: ${message}`, { cause: error })
    : new HubError('link.down', `not delivered: ${what}`, { cause: error });
}
