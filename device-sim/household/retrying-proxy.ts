import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { z } from 'zod';

/** What a proxy that retries, holds and forgets may do to an exchange. */
export type ExchangeFault =
  /** The request is sent twice, one after the other; the client gets the second reply. */
  | 'twice'
  /** The client has its reply; its request is sent once more after its next exchange. */
  | 'again-later'
  /** The client's connection breaks; its request reaches the service after its next exchange. */
  | 'late'
  /** The service has done what it was asked; the client's connection breaks. */
  | 'reply-lost'
  /** The service has done what it was asked; the client gets the reply of its exchange before. */
  | 'reply-of-before';

export type RetryingProxyOptions = {
  /** Where the service is, without a slash at the end. */
  readonly target: string;
  /** ProxiedRequest once for each exchange: what goes wrong with it, if anything. */
  readonly faultOf: (path: string) => ExchangeFault | undefined;
  /** ProxiedReply of each reply as it comes from the service, whatever becomes of it afterwards. */
  readonly onReply?: (asked: ProxiedRequest, told: ProxiedReply) => void;
};

/** A request as it reached the proxy. */
export type ProxiedRequest = {
  readonly method: string;
  readonly path: string;
  readonly headers: Headers;
  readonly body: Buffer;
};

/** A reply, unpacked. */
export type ProxiedReply = { readonly status: number; readonly headers: Headers; readonly body: Buffer };

export type RetryingProxy = {
  readonly port: number;
  /** Sends at once what is held back until after the next exchange. */
  flush(): Promise<void>;
  stop(): Promise<void>;
};

const HOST = '127.0.0.1';
const AddressSchema = z.object({ port: z.number() });
/** Of one hop each, or changed by being read whole. */
const NOT_HANDED_ON = ['connection', 'keep-alive', 'transfer-encoding', 'content-length', 'host', 'expect'];

/** Hands on the exchanges of one client to a service; what is idempotent bears all that may go wrong here. */
export async function startRetryingProxy(options: RetryingProxyOptions): Promise<RetryingProxy> {
  const line = new Line(options);
  const server = createServer((request, response) => {
    // As a proxy that cannot reach the service, or does not care to.
    void serve(line, request, response).catch(() => response.destroy());
  });
  server.listen(0, HOST);
  await once(server, 'listening');
  return {
    port: AddressSchema.parse(server.address()).port,
    flush: () => line.flush(),
    stop: async () => {
      if (!server.listening) return;
      line.stop();
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

/** The exchanges with the service, and what is held back of them. */
class Line {
  readonly #options: RetryingProxyOptions;
  readonly #stopping = new AbortController();
  readonly #lastTold = new Map<string, ProxiedReply>();
  #held: ProxiedRequest[] = [];

  constructor(options: RetryingProxyOptions) {
    this.#options = options;
  }

  stop(): void {
    this.#stopping.abort();
  }

  /** Nobody waits for the replies, and nobody hears of a failure. */
  async flush(): Promise<void> {
    const due = this.#held;
    this.#held = [];
    for (const asked of due) await this.#send(asked).catch(() => undefined);
  }

  /** Undefined: the client's connection is to break. */
  async exchange(asked: ProxiedRequest): Promise<ProxiedReply | undefined> {
    const fault = this.#options.faultOf(asked.path);
    if (fault === 'late') {
      await this.flush();
      this.#held.push(asked);
      return undefined;
    }
    if (fault === 'twice') await this.#send(asked);
    const told = await this.#send(asked);
    await this.flush();
    if (fault === 'again-later') this.#held.push(asked);
    const before = this.#lastTold.get(asked.path) ?? told;
    this.#lastTold.set(asked.path, told);
    if (fault === 'reply-of-before') return before;
    return fault === 'reply-lost' ? undefined : told;
  }

  async #send(asked: ProxiedRequest): Promise<ProxiedReply> {
    const { method, path, headers, body } = asked;
    const sent = body.length === 0 ? { method, headers } : { method, headers, body: new Uint8Array(body) };
    const response = await fetch(`${this.#options.target}${path}`, {
      ...sent,
      redirect: 'manual',
      signal: this.#stopping.signal,
    });
    const told = new Headers(response.headers);
    // It was unpacked on its way here.
    told.delete('content-encoding');
    const reply = { status: response.status, headers: told, body: Buffer.from(await response.arrayBuffer()) };
    this.#options.onReply?.(asked, reply);
    return reply;
  }
}

async function serve(line: Line, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const pieces: Buffer[] = [];
  for await (const piece of request) pieces.push(piece);
  const { method = 'GET', url: path = '/' } = request;
  const told = await line.exchange({ method, path, headers: headersOf(request), body: Buffer.concat(pieces) });
  if (told === undefined) {
    response.destroy();
    return;
  }
  for (const [name, value] of told.headers) if (!NOT_HANDED_ON.includes(name)) response.setHeader(name, value);
  response.writeHead(told.status).end(told.body);
}

function headersOf({ headersDistinct }: IncomingMessage): Headers {
  const headers = new Headers();
  for (const [name, values = []] of Object.entries(headersDistinct)) {
    if (!NOT_HANDED_ON.includes(name)) for (const value of values) headers.append(name, value);
  }
  return headers;
}
