import fastify from 'fastify';
import type { Wall } from './wall.js';

export type GlassPage = { url: string; stop(): Promise<void> };

const HOST = '127.0.0.1';

/** Serves the wall on loopback: `/` a page, `/glass.png`, `/glass.json`, `/changes` as server-sent events. */
export async function startGlassPage(wall: Wall, port: number): Promise<GlassPage> {
  const app = fastify();
  const closing = new AbortController();

  app.get('/', async (_request, reply) => reply.type('text/html; charset=utf-8').send(page(wall.panel)));
  app.get('/glass.png', async (_request, reply) =>
    reply
      .type('image/png')
      .header('cache-control', 'no-store')
      .send(Buffer.from(await wall.png())),
  );
  app.get('/glass.json', async () => ({ panel: wall.panel, sha256: wall.sha256, changes: wall.changes }));
  app.get('/changes', async (request, reply) => {
    const gone = new AbortController();
    request.raw.once('close', () => gone.abort());
    const end = AbortSignal.any([gone.signal, closing.signal]);
    reply.hijack();
    reply.raw.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
    while (!end.aborted) {
      reply.raw.write(`data: ${wall.changes}\n\n`);
      await wall.changed(end).catch(() => undefined);
    }
    reply.raw.end();
  });

  const url = await app.listen({ host: HOST, port });
  return {
    url,
    stop: async () => {
      closing.abort();
      await app.close();
    },
  };
}

function page(panel: string): string {
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>The glass</title>
<style>
  body { margin: 0; min-height: 100vh; display: grid; place-content: center; gap: 1rem; background: #d8d4cc; font: 1rem system-ui, sans-serif; color: #333 }
  figure { margin: 0 } img { display: block; max-width: 92vw; max-height: 80vh; border: 14px solid #f4f1ea; box-shadow: 0 10px 30px #0004 }
  figcaption { margin-top: .8rem; text-align: center }
</style>
<figure>
  <img id="glass" src="/glass.png" alt="What the panel shows now">
  <figcaption>What a person standing before the ${panel} sees</figcaption>
</figure>
<script>
  new EventSource('/changes').onmessage = ({ data }) => { document.getElementById('glass').src = '/glass.png?' + data };
</script>
</html>`;
}
