import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import { z } from 'zod';
import type { Clock } from '../../hardware/index.js';
import type { LinkFault } from './link-fault.js';
import { RelayedConnection, type Weather } from './relayed-connection.js';

/** The home's way to the internet: a TCP relay to one service, which can be cut, spoilt and mended. */
export type Router = {
  /** Where the hub finds the service. */
  readonly port: number;
  /** How much half-open links have swallowed so far. */
  readonly swallowedBytes: number;
  /** Breaks every connection and takes no more. */
  cut(): void;
  /** From now on this is wrong with the link, and nothing else. */
  spoil(fault: LinkFault): void;
  mend(): void;
  stop(): Promise<void>;
};

const HOST = '127.0.0.1';
const AddressSchema = z.object({ port: z.number() });

/** Relays loopback connections to a port on loopback. */
export async function startRouter(targetPort: number, clock: Pick<Clock, 'sleep'>): Promise<Router> {
  const open = new Set<RelayedConnection>();
  let swallowedBytes = 0;
  let weather: Weather = { fault: undefined, changed: new AbortController() };

  const onSwallow = (bytes: number) => {
    swallowedBytes += bytes;
  };
  const server = createServer((inner) => {
    if (weather.fault?.kind === 'cut') {
      inner.destroy();
      return;
    }
    const dial = () => connect({ host: HOST, port: targetPort, noDelay: true });
    const connection = new RelayedConnection(inner, { dial, weather: () => weather, onSwallow, clock });
    open.add(connection);
    connection.onClose(() => open.delete(connection));
    connection.start();
  });

  function become(fault: LinkFault | undefined): void {
    const { changed } = weather;
    weather = { fault, changed: new AbortController() };
    changed.abort();
    for (const connection of open) {
      if (fault?.kind === 'cut') connection.break();
      else if (fault?.kind !== 'half-open' && connection.isSwallowed) connection.reset();
    }
  }

  server.listen(0, HOST);
  await once(server, 'listening');

  return {
    port: AddressSchema.parse(server.address()).port,
    get swallowedBytes() {
      return swallowedBytes;
    },
    cut: () => become({ kind: 'cut' }),
    spoil: become,
    mend: () => become(undefined),
    stop: async () => {
      if (!server.listening) return;
      weather.changed.abort();
      for (const connection of open) connection.break();
      server.close();
      await once(server, 'close');
    },
  };
}
