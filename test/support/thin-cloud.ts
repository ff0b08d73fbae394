import { X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { gunzipSync } from 'node:zlib';
import { decodeProtectedHeader, importSPKI, jwtVerify } from 'jose';
import { v7 } from 'uuid';
import {
  CommitCertificateSchema,
  DeviceTokenHeaderSchema,
  type SyncReply,
  type SyncRequest,
  SyncRequestSchema,
} from '../../contract/index.js';
import type { IotCore } from '../../device-sim/iot-core/iot-core.js';

/** What becomes of the next commits: done and not told, not done, or refused. */
export type CommitFault = 'answer-lost' | 'out-of-order' | 'refused';

type Reply = { status: number; body: object } | 'nothing';

/**
 * A cloud of a few lines beside a stand-in for AWS IoT: it answers syncs with the commands it is given, and commits
 * certificates. Whose certificate is active and attached may sign.
 */
export class ThinCloud {
  /** Commands, in the order of their `downSeq`. */
  down: object[] = [];
  readonly tokens = new Set<string>();
  /** Events that were told, as JSON. */
  readonly told: string[] = [];
  /** Certificates by which syncs were signed, each time it changed. */
  readonly signedBy: string[] = [];
  commitFaults: CommitFault[] = [];
  commits = 0;
  isAway = false;
  /** Certificates that are good at AWS IoT and not here. */
  readonly unknown = new Set<string>();
  readonly #core: IotCore;
  readonly #server: Server;

  private constructor(core: IotCore) {
    this.#core = core;
    this.#server = createServer((request, response) => void this.#serve(request, response));
  }

  static async start(core: IotCore): Promise<ThinCloud> {
    const cloud = new ThinCloud(core);
    cloud.#server.listen(0, '127.0.0.1');
    await once(cloud.#server, 'listening');
    return cloud;
  }

  get url(): string {
    const address = this.#server.address();
    return `http://127.0.0.1:${address !== null && typeof address === 'object' ? address.port : 0}`;
  }

  /** Adds a command. */
  send(slot: string, kind: string, body: object): void {
    const times = { issuedAt: new Date().toISOString(), deadlineAt: null, remainingMs: null };
    const downSeq = this.down.length + 1;
    this.down.push({ v: 1, gen: 'g1', cmdId: v7(), downSeq, slot, rev: downSeq, ...times, kind, body });
  }

  stop(): void {
    this.#server.close();
    this.#server.closeAllConnections();
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const parts: Buffer[] = [];
    for await (const part of request) parts.push(part);
    const raw = Buffer.concat(parts);
    const text = (request.headers['content-encoding'] === 'gzip' ? gunzipSync(raw) : raw).toString();
    const reply = await this.#reply(request, text);
    if (reply === 'nothing') request.socket.destroy();
    else response.writeHead(reply.status, { 'content-type': 'application/json' }).end(JSON.stringify(reply.body));
  }

  async #reply({ url, headers }: IncomingMessage, text: string): Promise<Reply> {
    if (this.isAway) return 'nothing';
    const token = (headers.authorization ?? '').replace('Bearer ', '');
    this.tokens.add(token);
    const caller = await this.#callerOf(token);
    if (caller === undefined) return problem(401, 'authentication_failed');
    if (url === '/v1/certificates/commit') return this.#commit(caller, text);
    if (url !== '/v1/sync') return problem(404, 'asset_not_found');
    if (this.signedBy.at(-1) !== caller) this.signedBy.push(caller);
    return { status: 200, body: this.#sync(SyncRequestSchema.parse(JSON.parse(text))) };
  }

  async #callerOf(token: string): Promise<string | undefined> {
    try {
      const { kid } = DeviceTokenHeaderSchema.parse(decodeProtectedHeader(token));
      const known = this.#core.admin.certificates().find(({ certificateId }) => certificateId === kid);
      if (known?.status !== 'ACTIVE' || this.unknown.has(kid)) return undefined;
      const key = new X509Certificate(known.certificatePem).publicKey.export({ type: 'spki', format: 'pem' });
      await jwtVerify(token, await importSPKI(key.toString(), 'ES256'), { subject: known.thingName ?? '' });
      return kid;
    } catch {
      return undefined;
    }
  }

  #commit(certificateId: string, text: string): Reply {
    this.commits += 1;
    const fault = this.commitFaults.shift();
    if (fault === 'out-of-order') return problem(503, 'unavailable');
    if (fault === 'refused') return problem(409, 'certificate.not-pending');
    const { replaces } = CommitCertificateSchema.parse(JSON.parse(text));
    this.#core.admin.setCertificateStatus(replaces, 'INACTIVE');
    return fault === 'answer-lost' ? 'nothing' : { status: 200, body: { certificateId, replaced: replaces } };
  }

  #sync({ logs, downAcked }: SyncRequest): Omit<SyncReply, 'down'> & { down: object[] } {
    this.told.push(...logs.flatMap(({ events }) => events.map((event) => JSON.stringify(event))));
    const acks = Object.fromEntries(logs.map(({ lane, first, events }) => [lane, first + events.length - 1]));
    return {
      v: 1,
      gen: 'g1',
      now: new Date().toISOString(),
      acks,
      regAcks: [],
      rejects: [],
      holes: [],
      down: this.down.slice(downAcked),
      downNext: this.down.length + 1,
      finalUpto: 0,
      window: { events: 500, bytes: 262_144 },
      retryMs: null,
      spreadMs: null,
      epochState: 'open',
    };
  }
}

function problem(status: number, code: string): Reply {
  return { status, body: { error: { code, message: 'as the test wishes', requestId: '1', details: {} } } };
}
