import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { z } from 'zod';

/** The home's way to the internet: a TCP relay to one service, which can be cut and mended. */
export type Router = {
  /** Where the hub finds the service. */
  readonly port: number;
  /** Breaks every connection and takes no more. */
  cut(): void;
  mend(): void;
  stop(): Promise<void>;
};

const HOST = '127.0.0.1';
const AddressSchema = z.object({ port: z.number() });

/** Relays loopback connections to a port on loopback. */
export async function startRouter(targetPort: number): Promise<Router> {
  const open = new Set<Socket>();
  let isCut = false;

  const server = createServer((inner) => {
    if (isCut) {
      inner.destroy();
      return;
    }
    const outer = connect({ host: HOST, port: targetPort, noDelay: true });
    inner.setNoDelay(true);
    join(inner, outer);
    join(outer, inner);
  });
  // Bytes that one side has sent are still handed on after it has closed; what breaks one side breaks the other.
  function join(one: Socket, other: Socket): void {
    open.add(one);
    one.on('error', () => other.destroy());
    one.on('close', () => open.delete(one));
    one.pipe(other);
  }

  server.listen(0, HOST);
  await once(server, 'listening');

  return {
    port: AddressSchema.parse(server.address()).port,
    cut: () => {
      isCut = true;
      for (const socket of open) socket.destroy();
    },
    mend: () => {
      isCut = false;
    },
    stop: async () => {
      if (!server.listening) return;
      for (const socket of open) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}
