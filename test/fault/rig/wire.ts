/** A request that left a hub and has not been answered. */
export type Sent = {
  readonly number: number;
  readonly headers: Headers;
  readonly bytes: Buffer;
  readonly answer: (response: Response) => void;
  readonly fail: () => void;
  /** What the cloud said to it, if it got there. */
  reply?: Reply;
  /** Nobody waits for it any more. */
  over: boolean;
};

export type Reply = { status: number; body: string };

/** The way from one hub to the cloud: what is put on it stays there until the schedule moves it. */
export class Wire {
  #sent: Sent[] = [];
  #count = 0;

  /** What the hub takes for `fetch`. */
  readonly fetch: typeof fetch = (_address, init) =>
    new Promise((resolve, reject) => {
      const signal = init?.signal ?? undefined;
      if (signal?.aborted) return reject(signal.reason);
      this.#count += 1;
      const sent: Sent = {
        number: this.#count,
        headers: new Headers(init?.headers),
        bytes: bytesOf(init?.body),
        over: false,
        answer: (response) => {
          sent.over = true;
          resolve(response);
        },
        fail: () => {
          sent.over = true;
          reject(new TypeError('fetch failed'));
        },
      };
      signal?.addEventListener('abort', () => {
        sent.over = true;
        reject(signal.reason);
      });
      this.#sent.push(sent);
    });

  /** Those for whose answer the hub waits. */
  get waiting(): readonly Sent[] {
    return this.#sent.filter(({ over }) => !over);
  }

  /** Everything that was ever sent and may still come in, the newest last. */
  get all(): readonly Sent[] {
    return this.#sent;
  }

  /** The hub's process is gone, and with it everybody who waited. What it sent is still under way. */
  hangUp(): void {
    for (const sent of this.#sent) sent.over = true;
  }

  drop(sent: Sent): void {
    this.#sent = this.#sent.filter((one) => one !== sent);
  }
}

function bytesOf(body: unknown): Buffer {
  if (typeof body === 'string') return Buffer.from(body);
  if (body instanceof Uint8Array) return Buffer.from(body);
  throw new TypeError('a body that this wire does not carry');
}
