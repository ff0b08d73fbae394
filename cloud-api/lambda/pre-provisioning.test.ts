import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { thingNameFor } from '../../provisioning/hw-id/index.js';
import { HOOK_TOKEN, TestCloud } from '../../test/support/cloud.js';
import { testEngines } from '../../test/support/cloud-databases.js';
import { hookInput, makeDevice } from '../../test/support/cloud-devices.js';
import { preProvisioningHandler } from './pre-provisioning.js';

const UNDECIDED = { code: 'hook.undecided' };

let cloud: TestCloud;
let url: string;
beforeAll(async () => {
  const [engine] = testEngines();
  if (engine === undefined) throw new TypeError('no database');
  cloud = await TestCloud.start(engine);
  url = await cloud.listen();
});
afterAll(() => cloud.close());

/** What AWS IoT asks for hardware that the factory made, or that nobody knows. */
async function eventFor(hwId: string): Promise<object> {
  return hookInput(await makeDevice(), await cloud.proofOf(hwId));
}

test('what the cloud decides is what AWS hears, and the thing has the name that the cloud gave it', async () => {
  const handler = preProvisioningHandler({ url, token: HOOK_TOKEN, fetch });
  const hwId = randomBytes(10).toString('hex');
  expect(await handler(await eventFor(hwId))).toEqual({ allowProvisioning: false });
  await cloud.make(hwId);
  expect(await handler(await eventFor(hwId))).toEqual({
    allowProvisioning: true,
    parameterOverrides: { ThingName: thingNameFor(hwId) },
  });
});

test.each([
  ['with another token', { token: 'another' }],
  ['where nobody listens', { url: 'http://127.0.0.1:9' }],
])('a cloud asked %s decides nothing: the hook fails, and refuses nobody', async (_how, change) => {
  const handler = preProvisioningHandler({ url, token: HOOK_TOKEN, fetch, ...change });
  await expect(handler(await eventFor(randomBytes(10).toString('hex')))).rejects.toMatchObject(UNDECIDED);
});

test.each([
  ['is no answer', 200, '{"allow":true}'],
  ['lets in who has no name', 200, '{"allowProvisioning":true}'],
  ['lets in who has no name but other values', 200, '{"allowProvisioning":true,"parameterOverrides":{"hwId":"x"}}'],
  ['is no JSON', 200, '<html>'],
  ['says that it is out of order', 503, '{"allowProvisioning":false}'],
  ['leads elsewhere', 307, ''],
])('what %s is no refusal', async (_what, status, body) => {
  const server = createServer((_, response) => response.writeHead(status, { location: url }).end(body));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const port = typeof address === 'object' ? address?.port : undefined;
  const handler = preProvisioningHandler({ url: `http://127.0.0.1:${port}`, token: HOOK_TOKEN, fetch });
  await expect(handler({})).rejects.toMatchObject(UNDECIDED);
  server.close();
});

test('a cloud that is silent is given up', async () => {
  const server = createServer(() => {}).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const port = typeof address === 'object' ? address?.port : undefined;
  const settings = { url: `http://127.0.0.1:${port}`, token: HOOK_TOKEN, fetch, limitMs: 20 };
  await expect(preProvisioningHandler(settings)({})).rejects.toMatchObject(UNDECIDED);
  server.closeAllConnections();
  server.close();
});
