import type { Logger } from 'pino';
import { parseUpTopic } from '../../contract/index.js';
import type { Clock } from '../clock.js';
import { Turns } from '../content/turns.js';
import { isOutOfReach } from '../database/data-error.js';
import type { Metrics } from '../metrics.js';

type IntakeParts = {
  /** Stores one message; rejects if that is not possible now. */
  take: (topic: string, payload: Buffer) => Promise<void>;
  /** Keeps a message that could not be stored where it is safe, to be tried again later. */
  park: (topic: string, payload: Buffer) => Promise<void>;
  clock: Clock;
  log: Logger;
  metrics: Pick<Metrics, 'count'>;
};

type Attempt = {
  topic: string;
  signal: AbortSignal;
  take: () => Promise<void>;
  /** After the last try; what it rejects with is left to the broker. */
  giveUp: (error: unknown) => Promise<void>;
};

/** Transactions of single messages at a time, so that HTTP gets connections to the database too. */
const AT_ONCE = 4;
const TRIES = 6;
const FIRST_WAIT_MS = 250;

/**
 * Stores messages of hubs, with patience: heartbeats as they come, everything else in order per hub. One that cannot be
 * stored for a while is put aside in the database, so that it holds up no other hub's; a heartbeat is dropped.
 */
export class UpIntake {
  readonly #parts: IntakeParts;
  readonly #turns = new Turns(AT_ONCE);
  readonly #lastOf = new Map<string, Promise<void>>();

  constructor(parts: IntakeParts) {
    this.#parts = { ...parts, log: parts.log.child({ mod: 'link' }) };
  }

  /** Resolves once the message is committed. @throws what keeps it from being stored or put aside */
  handle(topic: string, payload: Buffer, signal: AbortSignal): Promise<void> {
    const parsed = parseUpTopic(topic);
    const take = () => this.#parts.take(topic, payload);
    const park = () => this.#park(topic, payload);
    if (parsed === undefined) return this.#persist({ topic, signal, take, giveUp: park });
    if (parsed.kind === 'heartbeat') {
      return this.#persist({ topic, signal, take, giveUp: (error) => this.#dropBeat(topic, error) });
    }
    const inTurn = () => this.#turns.run(take);
    return this.#after(parsed.thingName, () => this.#persist({ topic, signal, take: inTurn, giveUp: park }));
  }

  /** Runs work of one hub when what came before of it is over. */
  #after(thingName: string, work: () => Promise<void>): Promise<void> {
    const done = (this.#lastOf.get(thingName) ?? Promise.resolve()).then(work);
    const settled = done.catch(() => {});
    this.#lastOf.set(thingName, settled);
    void settled.then(() => {
      if (this.#lastOf.get(thingName) === settled) this.#lastOf.delete(thingName);
    });
    return done;
  }

  async #persist({ topic, signal, take, giveUp }: Attempt): Promise<void> {
    const { clock, log, metrics } = this.#parts;
    for (let tries = 1; ; tries += 1) {
      // The broker brings it again on the next connection.
      signal.throwIfAborted();
      try {
        return await take();
      } catch (error) {
        metrics.count('inklet_link_store_failures_total');
        if (tries === 1) log.error({ err: error, topic }, 'a message could not be stored');
        if (tries === TRIES) return giveUp(error);
      }
      await clock.sleep(FIRST_WAIT_MS * 2 ** (tries - 1), signal);
    }
  }

  async #park(topic: string, payload: Buffer): Promise<void> {
    const { park, log } = this.#parts;
    await park(topic, payload);
    log.warn({ topic }, 'a message that could not be stored is put aside');
  }

  /** A sign of life says nothing later: stored then, it would make a hub look alive that is not. The next one comes soon. */
  async #dropBeat(topic: string, error: unknown): Promise<void> {
    const { log, metrics } = this.#parts;
    if (isOutOfReach(error)) throw error;
    metrics.count('inklet_link_heartbeats_dropped_total');
    log.warn({ topic }, 'a heartbeat that could not be stored is dropped');
  }
}
