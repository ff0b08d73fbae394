import { once } from 'node:events';
import type { AddressInfo, Socket } from 'node:net';
import { createServer, type Server, type TLSSocket } from 'node:tls';
import type { Logger } from 'pino';
import type { CertificateAuthority } from './certificate-authority.js';
import { certificateIdOf } from './certificate-authority.js';

/** What devices of AWS IoT Core offer on port 443. Source: AWS IoT developer guide, "Device communication protocols". */
const ALPN = 'x-amzn-mqtt-ca';

/** A peer that does not finish its TLS handshake in this time is dropped. */
const HANDSHAKE_LIMIT_MS = 10_000;

interface ListenerDeps {
  readonly authority: CertificateAuthority;
  readonly log: Logger;
  /** Asked for each new connection before its handshake. */
  readonly isOpen: () => boolean;
  readonly onSecure: (socket: TLSSocket, certificateId: string) => void;
}

/** The door: mutual TLS, certificates of our own authority only. */
export class Listener {
  readonly #deps: ListenerDeps;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();

  constructor(deps: ListenerDeps) {
    this.#deps = deps;
    const { authority, log } = deps;
    this.#server = createServer({
      cert: authority.server.certPem,
      key: authority.server.keyPem,
      ca: authority.caPem,
      requestCert: true,
      rejectUnauthorized: true,
      minVersion: 'TLSv1.2',
      ALPNProtocols: [ALPN],
      handshakeTimeout: HANDSHAKE_LIMIT_MS,
    });
    this.#server.on('connection', (socket: Socket) => this.#watch(socket));
    this.#server.on('secureConnection', (socket) => this.#admit(socket));
    this.#server.on('tlsClientError', (err, socket) => {
      log.debug({ err }, 'TLS handshake failed');
      socket.destroy();
    });
  }

  /** Resolves with the port. */
  async listen(host: string, port: number): Promise<number> {
    this.#server.listen(port, host);
    await once(this.#server, 'listening');
    const address = this.#server.address();
    return isTcp(address) ? address.port : port;
  }

  /** Cuts every connection, those in their handshake too. */
  cutAll(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  async stop(): Promise<void> {
    if (!this.#server.listening) return;
    const closed = once(this.#server, 'close');
    this.#server.close();
    this.cutAll();
    await closed;
  }

  #watch(socket: Socket): void {
    if (!this.#deps.isOpen()) {
      socket.destroy();
      return;
    }
    this.#sockets.add(socket);
    socket.once('close', () => this.#sockets.delete(socket));
  }

  #admit(socket: TLSSocket): void {
    const certificate = socket.getPeerX509Certificate();
    if (certificate === undefined) socket.destroy();
    else this.#deps.onSecure(socket, certificateIdOf(certificate.raw));
  }
}

function isTcp(address: AddressInfo | string | null): address is AddressInfo {
  return typeof address === 'object' && address !== null;
}
