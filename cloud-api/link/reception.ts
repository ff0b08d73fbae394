import { setMaxListeners } from 'node:events';

/** A message as it came on a connection; one with an id is to be acknowledged. */
type Arrival = { messageId: number | undefined; topic: string; payload: Buffer };

type ReceptionParts = {
  /** Resolves once the message is committed; then, and only then, it is acknowledged. */
  handle: (topic: string, payload: Buffer, signal: AbortSignal) => Promise<void>;
  /** Puts bytes on the connection. */
  write: (bytes: Buffer) => void;
  /** A message stays unacknowledged for good: the connection must end, so that the broker brings it again. */
  onFailure: (error: unknown) => void;
};

/** Messages under way at once. AWS IoT Core sends no more unacknowledged ones. Source: AWS IoT Core quotas. */
export const RECEIVE_MAXIMUM = 100;

/** PUBACK without a reason is success. Source: MQTT 5, section 3.4.2.1. */
const PUBACK = [0x40, 0x02];

/**
 * The messages of one connection: many are handled at once, and each is acknowledged when it and those before it are
 * done, as MQTT 5 asks for (section 4.6). What is under way is bounded, whatever the broker sends.
 */
export class Reception {
  readonly #parts: ReceptionParts;
  readonly #over = new AbortController();
  #underWay: { messageId: number | undefined; isDone: boolean }[] = [];
  #isFlushing = false;
  #goOn: (() => void) | undefined;
  #onIdle: (() => void)[] = [];

  constructor(parts: ReceptionParts) {
    this.#parts = parts;
    setMaxListeners(0, this.#over.signal); // each message under way may listen
  }

  /** `next` is called when there is room for another one. */
  take({ messageId, topic, payload }: Arrival, next: () => void): void {
    const place = { messageId, isDone: false };
    this.#underWay.push(place);
    if (this.#underWay.length < RECEIVE_MAXIMUM) next();
    else this.#goOn = next;
    this.#parts.handle(topic, payload, this.#over.signal).then(
      () => {
        place.isDone = true;
        this.#flushSoon();
      },
      (error: unknown) => this.#fail(error),
    );
  }

  /** The connection is over: whoever tries still to store something of it need not, it comes again. */
  end(): void {
    this.#over.abort();
    this.#underWay = [];
    this.#becomeIdle();
  }

  /** Resolves when nothing is under way. */
  async idle(): Promise<void> {
    if (this.#underWay.length > 0) await new Promise<void>((resolve) => this.#onIdle.push(resolve));
  }

  /** A group is done at one stroke: its acknowledgements leave together. */
  #flushSoon(): void {
    if (this.#isFlushing) return;
    this.#isFlushing = true;
    setImmediate(() => {
      this.#isFlushing = false;
      this.#flush();
    });
  }

  #flush(): void {
    const open = this.#underWay.findIndex(({ isDone }) => !isDone);
    const done = this.#underWay.splice(0, open === -1 ? this.#underWay.length : open);
    const bytes = done.flatMap(({ messageId }) =>
      messageId === undefined ? [] : [...PUBACK, messageId >> 8, messageId & 0xff],
    );
    if (bytes.length > 0) this.#parts.write(Buffer.from(bytes));
    if (done.length > 0) this.#makeRoom();
    if (this.#underWay.length === 0) this.#becomeIdle();
  }

  #makeRoom(): void {
    const goOn = this.#goOn;
    this.#goOn = undefined;
    goOn?.();
  }

  #becomeIdle(): void {
    for (const resolve of this.#onIdle.splice(0)) resolve();
  }

  #fail(error: unknown): void {
    if (!this.#over.signal.aborted) this.#parts.onFailure(error);
  }
}
