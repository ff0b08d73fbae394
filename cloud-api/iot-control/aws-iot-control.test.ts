import { once } from 'node:events';
import { createServer } from 'node:net';
import { test as base, expect, vi } from 'vitest';
import { AwsIotControl } from './aws-iot-control.js';

const CERTIFICATE = { certificateId: 'a'.repeat(64), thingName: 'inklet-a' };

/** Where AWS is said to be: a server that takes every connection and answers nothing. */
const test = base.extend('endpoint', async ({ task: _ }, { onCleanup }) => {
  const server = createServer((socket) => socket.on('error', () => {})).listen(0, '127.0.0.1');
  await once(server, 'listening');
  onCleanup(() => {
    server.close();
    vi.unstubAllEnvs();
  });
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'nobody');
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'nothing');
  const address = server.address();
  return `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`;
});

// Seen as: a warning of the SDK, and a request that never ended.
test('a request to an AWS that accepts and stays silent fails at its limit', async ({ endpoint }) => {
  const control = new AwsIotControl({ endpoint, region: 'eu-central-1', requestLimitMs: 50 });
  const retired = control.retire(CERTIFICATE, new AbortController().signal);
  await expect(retired).rejects.toMatchObject({
    code: 'iot.control-failed',
    message: expect.stringContaining('TimeoutError'),
  });
  control.close();
});

test('a request to an AWS that stays silent ends when it is told to', async ({ endpoint }) => {
  const control = new AwsIotControl({ endpoint, region: 'eu-central-1' });
  const stop = new AbortController();
  const retired = control.retire(CERTIFICATE, stop.signal);
  stop.abort();
  await expect(retired).rejects.toMatchObject({
    code: 'iot.control-failed',
    message: expect.stringContaining('AbortError'),
  });
  control.close();
});
