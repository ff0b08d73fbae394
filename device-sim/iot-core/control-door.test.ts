import { once } from 'node:events';
import { connect } from 'node:net';
import {
  DescribeCertificateCommand,
  DescribeThingCommand,
  DetachThingPrincipalCommand,
  IoTClient,
  ListThingPrincipalsCommand,
  UpdateCertificateCommand,
} from '@aws-sdk/client-iot';
import { expect } from 'vitest';
import { arn, REGION } from './arn.js';
import { startControlDoor } from './control-door.js';
import type { IotCore } from './iot-core.js';
import { type Site, test } from './test-site.js';

async function openDoor(site: Site, core: IotCore): Promise<{ url: string; client: IoTClient }> {
  const { url, stop } = await startControlDoor(core.admin, { port: 0 });
  const credentials = { accessKeyId: 'a', secretAccessKey: 'b' };
  const client = new IoTClient({ endpoint: url, region: REGION, credentials, maxAttempts: 1 });
  site.onClose(async () => {
    client.destroy();
    await stop();
  });
  return { url, client };
}

test('the AWS SDK deactivates a certificate, whose connection ends, and detaches it from its thing', async ({
  site,
  core,
}) => {
  const { client } = await openDoor(site, core);
  const device = await site.device(core, 'inklet-a');
  const { certificateId } = device;
  const hub = await site.join(core, device, 'inklet-a');
  const { certificateDescription } = await client.send(new DescribeCertificateCommand({ certificateId }));
  const principal = arn('cert', certificateId);
  expect(certificateDescription).toMatchObject({ certificateArn: principal, status: 'ACTIVE', certificateId });
  expect(await client.send(new DescribeThingCommand({ thingName: 'inklet-a' }))).toMatchObject({
    thingArn: arn('thing', 'inklet-a'),
  });
  const list = async () => (await client.send(new ListThingPrincipalsCommand({ thingName: 'inklet-a' }))).principals;
  expect(await list()).toEqual([principal]);
  await client.send(new UpdateCertificateCommand({ certificateId, newStatus: 'INACTIVE' }));
  expect(await hub.next()).toMatchObject({ cmd: 'disconnect', reasonCode: 0x87 });
  for (let times = 0; times < 2; times += 1) {
    await client.send(new DetachThingPrincipalCommand({ thingName: 'inklet-a', principal }));
    expect(await list()).toEqual([]);
  }
  const left = core.admin.certificates().find((one) => one.certificateId === certificateId);
  expect(left).toMatchObject({ status: 'INACTIVE' });
  expect(left).not.toHaveProperty('thingName');
});

test('what is wrong is refused with the names that AWS has for it', async ({ site, core }) => {
  const { client, url } = await openDoor(site, core);
  const certificateId = 'a'.repeat(64);
  const missing = { name: 'ResourceNotFoundException', $metadata: { httpStatusCode: 404 } };
  const update = client.send(new UpdateCertificateCommand({ certificateId, newStatus: 'INACTIVE' }));
  await expect(update).rejects.toMatchObject(missing);
  const principal = arn('cert', certificateId);
  const detach = client.send(new DetachThingPrincipalCommand({ thingName: 'inklet-x', principal }));
  await expect(detach).rejects.toMatchObject(missing);
  const pending = client.send(new UpdateCertificateCommand({ certificateId, newStatus: 'PENDING_TRANSFER' }));
  await expect(pending).rejects.toMatchObject({ name: 'InvalidRequestException' });
  const foreign = client.send(new DetachThingPrincipalCommand({ thingName: 'inklet-x', principal: 'somebody' }));
  await expect(foreign).rejects.toMatchObject({ name: 'InvalidRequestException' });
  const unsigned = await fetch(`${url}/certificates/${certificateId}`);
  expect([unsigned.status, unsigned.headers.get('x-amzn-errortype')]).toEqual([
    403,
    'MissingAuthenticationTokenException',
  ]);
});

// A stand-in that was told to end waited for the rest of a request, for ever.
test('half a request that nobody ends does not keep the door open', async ({ site, core }) => {
  const { url, stop } = await startControlDoor(core.admin, { port: 0 });
  const { hostname, port } = new URL(url);
  const socket = connect({ host: hostname, port: Number(port) });
  socket.on('error', () => undefined);
  site.onClose(async () => void socket.destroy());
  await once(socket, 'connect');
  const authorization = 'authorization: AWS4-HMAC-SHA256 Credential=a';
  socket.write(
    `PUT /certificates/${'a'.repeat(64)} HTTP/1.1\r\nhost: a\r\ncontent-length: 9\r\n${authorization}\r\n\r\n{`,
  );
  // Whoever has an answer to the second knows that the first has begun.
  expect((await fetch(url, { headers: { authorization: 'AWS4-HMAC-SHA256 Credential=a' } })).status).toBe(400);
  await stop();
});
