import { lookup } from 'node:dns/promises';
import { once } from 'node:events';
import { connect, isIP, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import type { Clock } from '../../../hardware/index.js';
import { type Found, failed, ok } from './finding.js';

/** Where the broker is, and by which CA it is known. */
export type Endpoint = { host: string; port: number; caPem: string | undefined };

type Limits = { clock: Pick<Clock, 'sleep'>; signal: AbortSignal };

const LIMIT_MS = 5000;

const UNTRUSTED: ReadonlySet<string> = new Set([
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'CERT_SIGNATURE_FAILURE',
]);
const NOT_ITS_DAY: ReadonlySet<string> = new Set(['CERT_HAS_EXPIRED', 'CERT_NOT_YET_VALID']);
/** The broker wants a certificate of ours: its own was good. */
const WANTS_OURS = /CERTIFICATE_REQUIRED|HANDSHAKE_FAILURE|ALERT_BAD_CERTIFICATE/;

/** Whether its name has an address. */
export async function findAddress({ host }: Endpoint, limits: Limits): Promise<Found> {
  try {
    const found = await within(lookup(host, { all: true }), limits);
    if (found === undefined) return failed('dns.no-address', `${host}: no answer in ${LIMIT_MS} ms`);
    return ok(`${host} is ${found.map(({ address }) => address).join(', ')}`);
  } catch (error) {
    return failed('dns.no-address', `${host}: ${codeOf(error)}`);
  }
}

/** Whether anybody listens there. */
export async function findPort({ host, port }: Endpoint, limits: Limits): Promise<Found> {
  const socket = connect({ host, port });
  return await found(socket, once(socket, 'connect'), `${host}:${port}`, limits, () => ok(`${host}:${port} listens`));
}

/** Whether whoever listens proves by the CA that it is the broker. */
export async function findTls({ host, port, caPem }: Endpoint, limits: Limits): Promise<Found> {
  const name = isIP(host) === 0 ? { servername: host } : {};
  const ca = caPem === undefined ? {} : { ca: caPem };
  const socket = connectTls({ host, port, ...name, ...ca });
  return await found(socket, once(socket, 'secureConnect'), `${host}:${port}`, limits, () => {
    const { subject, valid_to: until } = socket.getPeerCertificate();
    return ok(`${subject?.CN ?? host} is known by its CA, until ${until}`);
  });
}

async function found(
  socket: Socket,
  event: Promise<unknown>,
  where: string,
  limits: Limits,
  whenDone: () => Found,
): Promise<Found> {
  try {
    if ((await within(event, limits)) === undefined) return failed('tcp.no-answer', `${where}: none in ${LIMIT_MS} ms`);
    return whenDone();
  } catch (error) {
    limits.signal.throwIfAborted();
    return refused(codeOf(error), where);
  } finally {
    socket.on('error', () => undefined);
    socket.destroy();
  }
}

function refused(code: string, where: string): Found {
  if (code === 'ECONNREFUSED') return failed('tcp.refused', `${where}: ${code}`);
  if (['ETIMEDOUT', 'EHOSTUNREACH', 'ENETUNREACH'].includes(code)) return failed('tcp.no-answer', `${where}: ${code}`);
  if (UNTRUSTED.has(code)) return failed('tls.untrusted', `${where}: ${code}`);
  if (NOT_ITS_DAY.has(code)) return failed('tls.not-its-day', `${where}: ${code}`);
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID') return failed('tls.wrong-name', `${where}: ${code}`);
  if (WANTS_OURS.test(code)) return ok(`${where} is known by its CA`);
  return failed('tls.failed', `${where}: ${code}`);
}

/** Undefined when it takes too long. */
async function within<T>(work: Promise<T>, { clock, signal }: Limits): Promise<T | undefined> {
  const over = new AbortController();
  const limit = clock.sleep(LIMIT_MS, AbortSignal.any([over.signal, signal])).then(() => undefined);
  limit.catch(() => undefined);
  work.catch(() => undefined);
  try {
    return await Promise.race([work, limit]);
  } finally {
    over.abort();
  }
}

function codeOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return 'code' in error ? String(error.code) : error.message;
}
