import { isIP } from 'node:net';
import type { onRequestHookHandler } from 'fastify';
import { HubError } from '../errors.js';

const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  "img-src 'self'",
  "style-src 'self'",
  "script-src 'self'",
  "connect-src 'self'",
  "form-action 'self'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
].join('; ');

const SAFE_METHODS = new Set(['GET', 'HEAD', 'OPTIONS']);

/**
 * Keeps other sites' pages out of a hub that has no password: a name that an attacker's DNS could point at the hub is
 * not answered, and what changes something must come from the hub's own page or from no page at all.
 */
export const guard: onRequestHookHandler = async (request, reply) => {
  reply.header('content-security-policy', CONTENT_SECURITY_POLICY);
  reply.header('x-content-type-options', 'nosniff');
  reply.header('referrer-policy', 'same-origin');
  const { host } = request.headers;
  if (!isOwnName(host)) throw new HubError('request.foreign-host', `this hub is not called ${host ?? 'nothing'}`);
  if (SAFE_METHODS.has(request.method)) return;
  const { origin } = request.headers;
  const isForeign = origin !== undefined && hostOf(origin) !== host;
  if (isForeign || request.headers['sec-fetch-site'] === 'cross-site') {
    throw new HubError('request.foreign-origin', "sent by another site's page");
  }
};

/** Addresses, `localhost`, names of the local network (RFC 6762) and names without a dot cannot be rebound from outside. */
function isOwnName(host: string | undefined): boolean {
  const name = host === undefined ? undefined : hostNameOf(`http://${host}`);
  if (name === undefined) return false;
  return isIP(name.replace(/^\[|\]$/g, '')) !== 0 || name.endsWith('.local') || !name.includes('.');
}

function hostOf(origin: string): string | undefined {
  return URL.canParse(origin) ? new URL(origin).host : undefined;
}

function hostNameOf(url: string): string | undefined {
  return URL.canParse(url) ? new URL(url).hostname : undefined;
}
