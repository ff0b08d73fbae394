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
    for (const socket of [inner, outer]) {
      open.add(socket);
      socket.on('error', () => undefined);
      socket.on('close', () => {
        open.delete(socket);
        inner.destroy();
        outer.destroy();
      });
    }
    inner.pipe(outer);
    outer.pipe(inner);
  });
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
      for (const socket of open) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}
