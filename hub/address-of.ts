import { isIPv6 } from 'node:net';
import type { NetworkInterfaceInfo } from 'node:os';

/** What listening on all addresses is written as. */
const EVERYWHERE = new Set(['0.0.0.0', '::', '']);
const INTERNAL_ONLY = '127.0.0.1';

/** By which a telephone in the home network reaches a hub that listens on this host, ready for an address line. */
export function addressOf(host: string, interfaces: NodeJS.Dict<NetworkInterfaceInfo[]>): string {
  if (!EVERYWHERE.has(host)) return isIPv6(host) ? `[${host}]` : host;
  const outer = Object.values(interfaces)
    .flatMap((addresses) => addresses ?? [])
    .filter(({ internal, family }) => !internal && family === 'IPv4');
  return outer[0]?.address ?? INTERNAL_ONLY;
}
