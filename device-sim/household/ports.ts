import { once } from 'node:events';
import { createServer } from 'node:net';
import { SimError } from '../errors.js';

/** Where the parts listen on loopback; 0 takes a free port. */
export type HouseholdPorts = { cloud: number; hub: number; glass: number; iotCore: number };

const HOST = '127.0.0.1';
const PARTS = {
  cloud: 'the cloud',
  hub: 'the hub',
  glass: 'the glass page',
  iotCore: 'the IoT Core stand-in',
} as const;

/**
 * Tries every port before anything is started.
 * @throws SimError `household.port-taken` naming each port that cannot be had, and for whom it was.
 */
export async function requireFreePorts(ports: HouseholdPorts): Promise<void> {
  const taken: string[] = [];
  for (const part of ['cloud', 'hub', 'glass', 'iotCore'] as const) {
    const why = await whyNot(ports[part]);
    if (why !== undefined) taken.push(`port ${ports[part]} for ${PARTS[part]} (${why})`);
  }
  if (taken.length > 0) {
    throw new SimError('household.port-taken', `not to be had: ${taken.join(', ')}; choose others with --port-base`);
  }
}

async function whyNot(port: number): Promise<string | undefined> {
  const server = createServer();
  try {
    server.listen(port, HOST);
    await once(server, 'listening');
  } catch (cause) {
    return cause instanceof Error && 'code' in cause ? String(cause.code) : String(cause);
  }
  server.close();
  await once(server, 'close');
  return undefined;
}
