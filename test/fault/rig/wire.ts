import { gunzipSync } from 'node:zlib';

/** A request that left a hub. */
export type Sent = {
  readonly number: number;
  readonly atMs: number;
  readonly headers: Headers;
  readonly bytes: Buffer;
  readonly json: unknown;
  readonly answer: (reply: Reply) => void;
  readonly fail: () => void;
  /** Nobody waits for it any more. */
  over: boolean;
  /** What the cloud said to it, if it got there. */
  reply?: Reply;
};

export type Reply = { status: number; body: string };

/** The way from one hub to the cloud: what is put on it stays there until the schedule moves it. */
export class Wire {
  onSent: (sent: Sent) => void = () => undefined;
  readonly #now: () => number;
  #sent: Sent[] = [];
  #count = 0;

  constructor(now: () => number) {
    this.#now = now;
  }

  /** What the hub takes for `fetch`. */
  readonly fetch: typeof fetch = (_address, init) =>
    new Promise((resolve, reject) => {
      const signal = init?.signal ?? undefined;
      if (signal?.aborted) return reject(signal.reason);
      this.#count += 1;
      const headers = new Headers(init?.headers);
      const bytes = bytesOf(init?.body);
      const text = headers.get('content-encoding') === 'gzip' ? gunzipSync(bytes) : bytes;
      const sent: Sent = {
        number: this.#count,
        atMs: this.#now(),
        headers,
        bytes,
        json: JSON.parse(text.toString()),
        over: false,
        answer: ({ status, body }) => {
          sent.over = true;
          resolve(new Response(body, { status }));
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
      this.onSent(sent);
    });

  /** Those for whose answer the hub waits. */
  get waiting(): readonly Sent[] {
    return this.#sent.filter(({ over }) => !over);
  }

  /** Of those for whose answer nobody waits: they may still come in, late or once more. */
  get strays(): readonly Sent[] {
    return this.#sent.filter(({ over }) => over);
  }

  /** The hub's process is gone, and with it everybody who waited. What it sent is still under way. */
  hangUp(): void {
    for (const sent of this.#sent) sent.over = true;
  }

  /** What was sent before then comes to nothing. */
  expire(beforeMs: number): void {
    for (const sent of this.#sent) if (sent.atMs < beforeMs && !sent.over) sent.fail();
    this.#sent = this.#sent.filter(({ atMs }) => atMs >= beforeMs);
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
