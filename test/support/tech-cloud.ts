import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { z } from 'zod';
import { type HardwareReport, RegisterHardwareSchema } from '../../contract/index.js';

export const OPERATOR_TOKEN = 'operator-token-of-a-test';

type Refusal = { status: number; code: string };

/** As much of the cloud as the technician's tool asks, on a free port, and what the test lets it say. */
export class TechCloud {
  readonly registered = new Map<string, HardwareReport>();
  /** What was asked, in order: method, path and scheme of the credential. */
  readonly asked: string[] = [];
  /** What one piece of hardware is refused for, by its hardware id. */
  readonly refuses = new Map<string, string>();
  readonly tickets: string[] = [];
  /** Every answer, while it is set. */
  failsWith: Refusal | undefined;
  /** After so many answers it is out of order, while it is set. */
  failsAfter: number | undefined;
  readonly #server: Server = createServer((request, response) => this.#serve(request, response));

  async start(): Promise<void> {
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
  }

  get url(): string {
    const address = this.#server.address();
    return `http://127.0.0.1:${isInternet(address) ? address.port : 0}`;
  }

  /** The hub has come online with a certificate of its own. */
  comesOnline(hwId: string): void {
    const at = '2026-03-01T10:00:00.000Z';
    const certificates = [{ id: 'c'.repeat(64), status: 'live', createdAt: at, firstUsedAt: at }];
    this.#change(hwId, { state: 'PROVISIONED', lastSeenAt: at, certificates });
  }

  refusesCertificate(hwId: string, reason: string): void {
    this.#change(hwId, { decisions: [{ at: '2026-03-01T10:00:00.000Z', allowed: false, reason }] });
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, 'close');
  }

  #change(hwId: string, change: Partial<HardwareReport>): void {
    const known = this.registered.get(hwId) ?? newReport(hwId);
    this.registered.set(hwId, { ...known, ...change });
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method = '', url = '', headers } = request;
    const [scheme = 'nothing', token = ''] = (headers.authorization ?? '').split(' ');
    this.asked.push(`${method} ${url} by ${scheme}`);
    const body = await text(request);
    const refuse = (status: number, code: string) =>
      answer(response, status, { error: { code, message: 'no', requestId: 'r', details: {} } });
    if (url === '/healthz') return answer(response, 200, { ok: true });
    if (this.failsAfter !== undefined && this.asked.length > this.failsAfter) return refuse(503, 'unavailable');
    if (this.failsWith !== undefined) return refuse(this.failsWith.status, this.failsWith.code);
    if (scheme === 'Bearer' ? token !== OPERATOR_TOKEN : scheme !== 'WorkOrder') {
      return refuse(401, 'authentication_failed');
    }
    if (method === 'POST' && url === '/v1/operator/hardware') return this.#register(body, response);
    if (method === 'POST' && url === '/v1/technician/tickets') return this.#ticket(body, response);
    const report = this.registered.get(url.split('/').at(-1) ?? '');
    return report === undefined ? refuse(404, 'not_found') : answer(response, 200, report);
  }

  #register(body: string, response: ServerResponse): void {
    const { items } = RegisterHardwareSchema.parse(JSON.parse(body));
    const answers = items.map(({ hwId }) => {
      const code = this.refuses.get(hwId);
      if (code !== undefined) return { hwId, ok: false, code, message: 'not this one' };
      if (!this.registered.has(hwId)) this.registered.set(hwId, newReport(hwId));
      return { hwId, ok: true, state: 'MADE' };
    });
    answer(response, 200, { items: answers });
  }

  #ticket(body: string, response: ServerResponse): void {
    const { hwId } = z.object({ hwId: z.string() }).parse(JSON.parse(body));
    this.tickets.push(hwId);
    answer(response, 200, { hwId, expiresAt: '2026-03-02T10:00:00.000Z' });
  }
}

function newReport(hwId: string): HardwareReport {
  return { hwId, state: 'MADE', thingName: null, lastSeenAt: null, certificates: [], decisions: [] };
}

function answer(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}

function isInternet(address: string | AddressInfo | null): address is AddressInfo {
  return typeof address === 'object' && address !== null;
}
