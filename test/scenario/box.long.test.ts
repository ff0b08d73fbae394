import { serverPrograms, test } from '../support/box.js';
import { startPostgres } from '../support/postgres.js';
import { expectProofs } from '../support/proved-box.js';

test.for(serverPrograms())('on PostgreSQL (%s) a text and a photograph have their proof', async (programs, { dir }) => {
  const server = await startPostgres(programs);
  try {
    await expectProofs(dir, { INKLET_DATABASE_URL: server.url('postgres') });
  } finally {
    await server.stop();
  }
});
