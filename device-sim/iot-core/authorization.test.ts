import { expect } from 'vitest';
import { test } from './test-site.js';

test('a device neither publishes to nor subscribes to the topics of another', async ({ site, core }) => {
  await site.device(core, 'inklet-b');
  const hub = await site.join(core, await site.device(core, 'inklet-a'), 'inklet-a');
  expect(await hub.publish('inklet/dev/inklet-a/up/state', '{}')).toMatchObject({ cmd: 'puback', reasonCode: 0 });
  for (const topic of [
    'inklet/dev/inklet-b/up/state',
    'inklet/dev/inklet-a/down/cmd',
    '$aws/things/inklet-b/shadow/get',
  ]) {
    expect(await hub.publish(topic, '{}')).toMatchObject({ cmd: 'puback', reasonCode: 0x87 });
  }
  expect(
    await hub.subscribe(
      'inklet/dev/inklet-a/down/cmd',
      'inklet/dev/inklet-a/down/+',
      'inklet/dev/inklet-b/down/cmd',
      'inklet/dev/+/down/cmd',
      'inklet/dev/inklet-a/up/state',
      '$share/g/inklet/dev/inklet-a/down/cmd',
      '#',
    ),
  ).toEqual([1, 1, 0x87, 0x87, 0x87, 0x87, 0x87]);
});

test('the client id of a device must be its thing name', async ({ site, core }) => {
  await site.device(core, 'inklet-b');
  const credentials = await site.device(core, 'inklet-a');
  for (const clientId of ['inklet-b', 'inklet-c', 'inklet-a2', '+', 'inklet-fp-1', 'inklet-backend']) {
    const client = await site.dial(core, credentials);
    expect(await client.greet(clientId)).toMatchObject({ cmd: 'connack', reasonCode: 0x87 });
    expect(await client.next()).toEqual({ cmd: 'closed' });
  }
  const old = await site.dial(core, credentials, { version: 4 });
  expect(await old.greet('inklet-b')).toMatchObject({ cmd: 'connack', returnCode: 5 });
});

test('a claim certificate may only ask for certificates, under an inklet-fp id', async ({ site, core }) => {
  const claim = await core.admin.createClaimCertificate();
  const stranger = await site.dial(core, claim);
  expect(await stranger.greet('inklet-a')).toMatchObject({ reasonCode: 0x87 });
  const client = await site.join(core, claim, 'inklet-fp-1');
  expect(
    await client.subscribe(
      '$aws/certificates/create-from-csr/json/rejected',
      '$aws/certificates/create-from-csr/json/+',
      '$aws/provisioning-templates/other/provision/json/accepted',
      'inklet/dev/+/up/#',
    ),
  ).toEqual([1, 0x87, 0x87, 0x87]);
  expect(await client.publish('$aws/certificates/create/json', '{}')).toMatchObject({ reasonCode: 0x87 });
  expect(await client.publish('$aws/provisioning-templates/other/provision/json', '{}')).toMatchObject({
    reasonCode: 0x87,
  });
});

test('the backend hears every hub, alone or in a group, and sends commands only', async ({ site, core }) => {
  const credentials = await core.admin.createBackendCertificate();
  const backend = await site.join(core, credentials, 'inklet-backend-2');
  expect(await backend.subscribe('inklet/dev/+/up/#', '$share/g/inklet/dev/+/up/#', 'inklet/#', '#')).toEqual([
    1, 1, 0x87, 0x87,
  ]);
  expect(await backend.publish('inklet/dev/inklet-a/down/cmd', '{}')).toMatchObject({ reasonCode: 0 });
  expect(await backend.publish('inklet/dev/inklet-a/up/state', '{}')).toMatchObject({ reasonCode: 0x87 });
  expect(await backend.publish('inklet/dev/inklet-a/down/cmd', '{}', { retain: true })).toMatchObject({
    reasonCode: 0x87,
  });
});

test('a device may retain its state and nothing else, in a will too', async ({ site, core }) => {
  const credentials = await site.device(core, 'inklet-a');
  const hub = await site.join(core, credentials, 'inklet-a');
  const retain = { retain: true };
  expect(await hub.publish('inklet/dev/inklet-a/up/state', '{}', retain)).toMatchObject({ reasonCode: 0 });
  expect(await hub.publish('inklet/dev/inklet-a/up/heartbeat', '{}', retain)).toMatchObject({ reasonCode: 0x87 });
  const will = { payload: Buffer.from('x'), qos: 1, retain: true } as const;
  for (const [topic, reasonCode] of [
    ['inklet/dev/inklet-a/up/heartbeat', 0x87],
    ['inklet/dev/inklet-b/up/state', 0x87],
    ['inklet/dev/inklet-a/up/state', 0],
  ] as const) {
    const client = await site.dial(core, credentials);
    expect(await client.greet('inklet-a', { will: { ...will, topic } })).toMatchObject({ reasonCode });
  }
});

test('a denial disconnects an MQTT 3.1.1 client, and an MQTT 5 client where the switch says so', async ({
  site,
  core,
}) => {
  const credentials = await site.device(core, 'inklet-a');
  const foreign = 'inklet/dev/inklet-b/up/state';
  const old = async () => await site.join(core, credentials, 'inklet-a', { version: 4 });
  expect(await (await old()).publish(foreign, '')).toEqual({ cmd: 'closed' });
  expect(await (await old()).subscribe(foreign)).toEqual({ cmd: 'closed' });
  core.admin.setOnDenied('disconnect');
  const publisher = await site.join(core, credentials, 'inklet-a');
  expect(await publisher.publish(foreign, '')).toMatchObject({ cmd: 'disconnect', reasonCode: 0x87 });
  const subscriber = await site.join(core, credentials, 'inklet-a');
  expect(await subscriber.subscribe(foreign)).toMatchObject({ cmd: 'disconnect', reasonCode: 0x87 });
});

test('the switch for denials can be set at start', async ({ site }) => {
  const core = await site.start({ onDenied: 'disconnect' });
  const hub = await site.join(core, await site.device(core, 'inklet-a'), 'inklet-a');
  expect(await hub.publish('elsewhere', '')).toMatchObject({ cmd: 'disconnect', reasonCode: 0x87 });
});

test('Receive is asked at each delivery, so a changed policy counts for a live subscriber', async ({ site, core }) => {
  const allow = (...actions: string[]) => ({
    Version: '2012-10-17' as const,
    Statement: [{ Effect: 'Allow' as const, Action: actions, Resource: '*' }],
  });
  core.admin.putPolicy('changing', allow('iot:*'));
  const hearer = await site.join(core, await core.admin.createCertificate('x', ['changing']), 'hearer');
  await hearer.subscribe('a');
  const speaker = await site.join(core, await site.anybody(core), 'speaker');
  await speaker.publish('a', '1');
  core.admin.putPolicy('changing', allow('iot:Connect', 'iot:Subscribe'));
  await speaker.publish('a', '2');
  core.admin.putPolicy('changing', allow('iot:*'));
  await speaker.publish('a', '3');
  expect(await hearer.rest()).toMatchObject([{ payload: Buffer.from('1') }, { payload: Buffer.from('3') }]);
});

test('a policy may forbid persistent sessions', async ({ site, core }) => {
  core.admin.putPolicy('clean-only', {
    Version: '2012-10-17',
    Statement: [
      { Effect: 'Allow', Action: 'iot:*', Resource: '*' },
      {
        Effect: 'Deny',
        Action: 'iot:Connect',
        Resource: '*',
        Condition: { 'ForAnyValue:StringEquals': { 'iot:ConnectAttributes': 'PersistentConnect' } },
      },
    ],
  });
  const credentials = await core.admin.createCertificate('x', ['clean-only']);
  const persistent = await site.dial(core, credentials);
  expect(await persistent.greet('c', { properties: { sessionExpiryInterval: 60 } })).toMatchObject({
    reasonCode: 0x87,
  });
  await site.join(core, credentials, 'c');
});

test.for(['INACTIVE', 'PENDING_ACTIVATION', 'REVOKED'] as const)(
  'a certificate that is %s may not connect, and its live connection ends',
  async (status, { site, core }) => {
    const credentials = await site.device(core, 'inklet-a');
    const live = await site.join(core, credentials, 'inklet-a');
    core.admin.setCertificateStatus(credentials.certificateId, status);
    expect(await live.next()).toMatchObject({ cmd: 'disconnect', reasonCode: 0x87 });
    const late = await site.dial(core, credentials);
    expect(await late.greet('inklet-a')).toMatchObject({ cmd: 'connack', reasonCode: 0x87 });
    core.admin.setCertificateStatus(credentials.certificateId, 'ACTIVE');
    await site.join(core, credentials, 'inklet-a');
  },
);
