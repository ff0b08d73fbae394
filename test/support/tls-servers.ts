import 'reflect-metadata';
import { webcrypto } from 'node:crypto';
import { once } from 'node:events';
import { createServer as createTcpServer, type Server, type Socket } from 'node:net';
import { createServer } from 'node:tls';
import * as x509 from '@peculiar/x509';
import { z } from 'zod';

const SIGNING = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;
const DAY_MS = 86_400_000;
const AddressSchema = z.object({ port: z.number() });

type Validity = { host?: string; fromMs?: number; untilMs?: number };

/** A server on loopback that nobody should talk to, with the CA that its certificate is from. */
export type BadServer = { port: number; caPem: string; stop(): Promise<void> };

/** Speaks TLS with a certificate of this name and time, and says nothing more. */
export async function tlsServer({
  host = '127.0.0.1',
  fromMs = -DAY_MS,
  untilMs = DAY_MS,
}: Validity): Promise<BadServer> {
  x509.cryptoProvider.set(webcrypto);
  const now = Date.now();
  const newKeys = () => webcrypto.subtle.generateKey(SIGNING, true, ['sign', 'verify']);
  const [caKeys, keys] = await Promise.all([newKeys(), newKeys()]);
  const ca = await x509.X509CertificateGenerator.createSelfSigned({
    name: 'CN=test authority',
    keys: caKeys,
    signingAlgorithm: SIGNING,
    notBefore: new Date(now - 365 * DAY_MS),
    notAfter: new Date(now + 365 * DAY_MS),
    extensions: [new x509.BasicConstraintsExtension(true, undefined, true)],
  });
  const name = /^[\d.]+$/.test(host) ? ({ type: 'ip', value: host } as const) : ({ type: 'dns', value: host } as const);
  const certificate = await x509.X509CertificateGenerator.create({
    subject: 'CN=test server',
    issuer: ca.subject,
    publicKey: keys.publicKey,
    signingKey: caKeys.privateKey,
    signingAlgorithm: SIGNING,
    notBefore: new Date(now + fromMs),
    notAfter: new Date(now + untilMs),
    extensions: [new x509.SubjectAlternativeNameExtension([name])],
  });
  const pkcs8 = await webcrypto.subtle.exportKey('pkcs8', keys.privateKey);
  const server = createServer({
    key: x509.PemConverter.encode(pkcs8, 'PRIVATE KEY'),
    cert: certificate.toString('pem'),
  });
  return await served(server, ca.toString('pem'));
}

/** What answers in place of a broker: a web server such as a sign-in page, or one that says nothing at all. */
export async function plainServer(words: string | undefined): Promise<BadServer> {
  const { caPem, stop } = await tlsServer({});
  await stop();
  const server = createTcpServer((socket) => {
    socket.on('error', () => undefined);
    if (words !== undefined) socket.end(words);
  });
  return await served(server, caPem);
}

async function served(server: Server, caPem: string): Promise<BadServer> {
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => sockets.add(socket.on('error', () => undefined)));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = AddressSchema.parse(server.address());
  const stop = async () => {
    for (const socket of sockets) socket.destroy();
    server.close();
    await once(server, 'close');
  };
  return { port, caPem, stop };
}
