import { once } from 'node:events';
import { createServer, request } from 'node:http';
import { z } from 'zod';

/** A way to the cloud on which no commit of a certificate is taken. */
export type CommitRefuser = {
  readonly url: string;
  stop(): Promise<void>;
};

const HOST = '127.0.0.1';
const AddressSchema = z.object({ port: z.number() });
const REFUSED = 409;
/** As the cloud words it. */
const REFUSAL = JSON.stringify({
  error: { code: 'certificate.not-pending', message: 'refused by the campaign', requestId: 'none', details: {} },
});

/** Hands on every request to the cloud but those. */
export async function startCommitRefuser(cloudUrl: string, onRefusal: () => void): Promise<CommitRefuser> {
  const server = createServer((asked, answer) => {
    if (asked.url === '/v1/certificates/commit') {
      onRefusal();
      asked.resume();
      answer.writeHead(REFUSED, { 'content-type': 'application/json' }).end(REFUSAL);
      return;
    }
    const { method, headers } = asked;
    const outer = request(new URL(asked.url ?? '/', cloudUrl), { method, headers }, (told) => {
      answer.writeHead(told.statusCode ?? 0, told.headers);
      told.pipe(answer);
    });
    outer.on('error', () => answer.destroy());
    asked.pipe(outer);
  });
  server.listen(0, HOST);
  await once(server, 'listening');
  return {
    url: `http://${HOST}:${AddressSchema.parse(server.address()).port}`,
    stop: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
