import type { Logger } from 'pino';
import type { Clock } from '../../hardware/index.js';
import type { MqttHandler, MqttSession } from '../../provisioning/index.js';
import { type BackOff, backOffMs } from '../back-off.js';
import { describeFailure } from '../errors.js';

/** A connection as far as it is heard on. */
type Ear = Pick<MqttSession, 'subscribe'>;

type Hearing = {
  filters: readonly string[];
  handler: MqttHandler;
  /** On which connection it is heard. */
  on: Ear | undefined;
  remove: () => void;
  strikes: number;
};

/** A broker may hang up on a topic that it forbids: after so many times it is left out when the hub connects. */
const MAX_STRIKES = 3;
/** On a connection that holds, what is not heard is asked for again: rarely, for each time may cost the connection. */
const AGAIN: BackOff = { baseMs: 20_000, capMs: 60 * 60 * 1000 };
const certain = () => 1;

/** What the hub hears on each of its connections, whoever of its parts asked for it. */
export class Hearings {
  readonly #clock: Pick<Clock, 'sleep'>;
  readonly #log: Logger;
  readonly #all = new Set<Hearing>();
  /** How often in a row something was asked for again in vain. */
  #vain = 0;

  constructor({ clock, log }: { clock: Pick<Clock, 'sleep'>; log: Logger }) {
    this.#clock = clock;
    this.#log = log;
  }

  /** Heard on this connection and on all that follow, until the returned function is called. Rejects as the session does. */
  async add(session: Ear, filters: readonly string[], handler: MqttHandler): Promise<() => void> {
    const hearing: Hearing = { filters, handler, on: session, remove: () => {}, strikes: 0 };
    this.#all.add(hearing);
    try {
      hearing.remove = await session.subscribe(filters, handler);
    } catch (error) {
      this.#all.delete(hearing);
      throw error;
    }
    return () => {
      this.#all.delete(hearing);
      hearing.remove();
    };
  }

  /** All of it on a new connection, save what the broker does not allow. Rejects when the connection breaks by it. */
  async moveTo(session: Ear, signal: AbortSignal): Promise<void> {
    for (const hearing of this.#all) {
      if (hearing.strikes < MAX_STRIKES) await this.#hear(session, hearing, signal);
    }
  }

  /** Asks again for what could not be heard, while the connection holds. Never rejects. */
  async mend(session: Ear, signal: AbortSignal): Promise<void> {
    const unheard = () => [...this.#all].filter(({ on }) => on !== session);
    try {
      while (unheard().length > 0) {
        await this.#clock.sleep(backOffMs(AGAIN, this.#vain + 1, certain), signal);
        this.#vain += 1;
        for (const hearing of unheard()) await this.#hear(session, hearing, signal);
      }
      this.#vain = 0;
    } catch (error) {
      if (!signal.aborted) this.#log.debug({ err: error }, 'still not heard');
    }
  }

  async #hear(session: Ear, hearing: Hearing, signal: AbortSignal): Promise<void> {
    const { filters, handler } = hearing;
    try {
      hearing.remove = await session.subscribe(filters, handler, signal);
      hearing.on = session;
      hearing.strikes = 0;
      if (!this.#all.has(hearing)) hearing.remove();
    } catch (error) {
      // It was the hub that left.
      signal.throwIfAborted();
      const { code } = describeFailure(error, 'hub.internal');
      if (code !== 'link.throttled') hearing.strikes += 1;
      this.#log.warn({ err: error, filters, strikes: hearing.strikes }, 'not heard for now');
      if (code !== 'link.not-allowed' && code !== 'link.throttled') throw error;
    }
  }
}
