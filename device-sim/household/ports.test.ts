import { once } from 'node:events';
import { createServer } from 'node:net';
import { test as base, expect } from 'vitest';
import { z } from 'zod';
import { requireFreePorts } from './ports.js';

const AddressSchema = z.object({ port: z.number() });

const test = base.extend('taken', async ({ task: _ }, { onCleanup }) => {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onCleanup(() => void server.close());
  return AddressSchema.parse(server.address()).port;
});

test('free ports, and any port, are had', async () => {
  await requireFreePorts({ cloud: 0, hub: 0, glass: 0, iotCore: 0 });
});

test('every port that is taken is named, and whom it was for', async ({ taken }) => {
  await expect(requireFreePorts({ cloud: 0, hub: taken, glass: 0, iotCore: taken })).rejects.toMatchObject({
    code: 'household.port-taken',
    message: expect.stringContaining(
      `port ${taken} for the hub (EADDRINUSE), port ${taken} for the IoT Core stand-in (EADDRINUSE); choose others with --port-base`,
    ),
  });
});
