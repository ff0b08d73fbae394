import { once } from 'node:events';
import { iotjobs, iotshadow, mqtt5 } from 'aws-iot-device-sdk-v2';
import mqtt from 'mqtt';
import { expect } from 'vitest';
import { z } from 'zod';
import { awsClient, stopAws } from '../../test/support/iot-speakers.js';
import type { Credentials } from './certificate-authority.js';
import type { IotCore } from './iot-core.js';
import { type Site, test } from './test-site.js';

const TOPIC = 'inklet/dev/inklet-a/up/heartbeat';
const COMMAND = 'inklet/dev/inklet-a/down/cmd';

async function mqttJs(
  site: Site,
  core: IotCore,
  { certPem, keyPem }: Credentials,
  options: { clientId: string; protocolVersion: 4 | 5 },
): Promise<mqtt.MqttClient> {
  const client = await mqtt.connectAsync({
    ...options,
    protocol: 'mqtts',
    host: 'localhost',
    port: core.port,
    ca: core.caPem,
    cert: certPem,
    key: keyPem,
    reconnectPeriod: 0,
  });
  site.onClose(() => client.endAsync(true));
  return client;
}

test.for([4, 5] as const)('mqtt.js speaks MQTT version %i to the broker', async (protocolVersion, { site, core }) => {
  const backend = await site.join(core, await core.admin.createBackendCertificate(), 'inklet-backend');
  await backend.subscribe('inklet/dev/+/up/#');
  const device = await site.device(core, 'inklet-a');
  const client = await mqttJs(site, core, device, { clientId: 'inklet-a', protocolVersion });
  const heard = new Promise((resolve) =>
    client.once('message', (topic, payload, { qos }) => resolve([topic, payload, qos])),
  );
  await client.subscribeAsync(COMMAND, { qos: 1 });
  await client.publishAsync(TOPIC, 'alive', { qos: 1 });
  expect(await backend.message()).toBe(`${TOPIC} alive`);
  await backend.publish(COMMAND, 'show');
  expect(await heard).toEqual([COMMAND, Buffer.from('show'), 1]);
});

test('mqtt.js hears why it is refused', async ({ site, core }) => {
  const device = await site.device(core, 'inklet-a');
  for (const [protocolVersion, code] of [
    [5, 0x87],
    [4, 5],
  ] as const) {
    const refused = mqttJs(site, core, device, { clientId: 'inklet-b', protocolVersion });
    await expect(refused).rejects.toMatchObject({ code });
  }
});

test('the AWS SDK connects, publishes, hears commands and is told denials', async ({ site, core }) => {
  const backend = await site.join(core, await core.admin.createBackendCertificate(), 'inklet-backend');
  await backend.subscribe('inklet/dev/+/up/#');
  const client = awsClient(core, await site.device(core, 'inklet-a'), 'inklet-a');
  site.onClose(() => stopAws(client));
  const connected = once(client, 'connectionSuccess');
  client.start();
  await connected;
  const qos = mqtt5.QoS.AtLeastOnce;
  expect(await client.subscribe({ subscriptions: [{ topicFilter: COMMAND, qos }] })).toMatchObject({
    reasonCodes: [1],
  });
  expect(await client.publish({ topicName: TOPIC, qos, payload: Buffer.from('alive') })).toMatchObject({
    reasonCode: 0,
  });
  expect(await backend.message()).toBe(`${TOPIC} alive`);
  const heard = once(client, 'messageReceived');
  await backend.publish(COMMAND, 'show');
  expect(await heard).toMatchObject([{ message: { topicName: COMMAND } }]);
  const denied = await client.publish({ topicName: 'inklet/dev/inklet-b/up/state', qos, payload: Buffer.from('x') });
  expect(denied).toMatchObject({ reasonCode: 0x87 });
});

test('the AWS SDK hears of a refused client id and of a take-over', async ({ site, core }) => {
  const device = await site.device(core, 'inklet-a');
  const wrong = awsClient(core, device, 'inklet-b');
  const failed = once(wrong, 'connectionFailure');
  wrong.start();
  expect(await failed).toMatchObject([{ connack: { reasonCode: 0x87 } }]);
  await stopAws(wrong);
  const right = awsClient(core, device, 'inklet-a');
  const connected = once(right, 'connectionSuccess');
  right.start();
  await connected;
  const lost = once(right, 'disconnection');
  await site.join(core, device, 'inklet-a');
  expect(await lost).toMatchObject([{ disconnect: { reasonCode: 0x8e } }]);
  await stopAws(right);
});

const REQUESTS = { maxRequestResponseSubscriptions: 6, maxStreamingSubscriptions: 4, operationTimeoutInSeconds: 10 };

test('the AWS SDK reads, changes and deletes a shadow and is told what it should be', async ({ site, core }) => {
  const client = awsClient(core, await site.device(core, 'inklet-a'), 'inklet-a');
  const connected = once(client, 'connectionSuccess');
  client.start();
  await connected;
  const shadow = iotshadow.IotShadowClientv2.newFromMqtt5(client, REQUESTS);
  const id = { thingName: 'inklet-a', shadowName: 'config' };
  const deltas = shadow.createNamedShadowDeltaUpdatedStream(id);
  site.onClose(async () => {
    deltas.close();
    shadow.close();
    await stopAws(client);
  });
  const subscribed = once(deltas, 'subscriptionStatus');
  deltas.open();
  await subscribed;
  await expect(shadow.getNamedShadow(id)).rejects.toMatchObject({
    modeledError: { code: 404, message: 'No shadow exists with name: config' },
  });
  const update = { ...id, state: { reported: { rotation: 0 } } };
  expect(await shadow.updateNamedShadow(update)).toMatchObject({ state: update.state, version: 1 });
  const told = once(deltas, 'incomingPublish');
  core.admin.setDesired({ thingName: 'inklet-a', name: 'config' }, { rotation: 90 });
  expect(await told).toMatchObject([{ message: { state: { rotation: 90 }, version: 2 } }]);
  expect(await shadow.getNamedShadow(id)).toMatchObject({ state: { delta: { rotation: 90 } } });
  await expect(shadow.updateNamedShadow({ ...update, version: 1 })).rejects.toMatchObject({
    modeledError: { code: 409, message: 'Version conflict' },
  });
  expect(await shadow.deleteNamedShadow(id)).toMatchObject({ version: 2 });
});

test('the AWS SDK is told of a job, starts it and finishes it', async ({ site, core }) => {
  const client = awsClient(core, await site.device(core, 'inklet-a'), 'inklet-a');
  const connected = once(client, 'connectionSuccess');
  client.start();
  await connected;
  const jobs = iotjobs.IotJobsClientv2.newFromMqtt5(client, REQUESTS);
  const next = jobs.createNextJobExecutionChangedStream({ thingName: 'inklet-a' });
  site.onClose(async () => {
    next.close();
    jobs.close();
    await stopAws(client);
  });
  const subscribed = once(next, 'subscriptionStatus');
  next.open();
  await subscribed;
  const told = once(next, 'incomingPublish');
  core.admin.jobs.create({ jobId: 'rotate-1', document: { op: 'rotate' }, targets: ['inklet-a'] });
  expect(await told).toMatchObject([{ message: { execution: { jobId: 'rotate-1', jobDocument: { op: 'rotate' } } } }]);
  const thing = { thingName: 'inklet-a' };
  expect(await jobs.startNextPendingJobExecution(thing)).toMatchObject({
    execution: { jobId: 'rotate-1', status: 'IN_PROGRESS', versionNumber: 2 },
  });
  expect(await jobs.getPendingJobExecutions(thing)).toMatchObject({ inProgressJobs: [{ jobId: 'rotate-1' }] });
  const update = { ...thing, jobId: 'rotate-1', status: iotjobs.model.JobStatus.SUCCEEDED };
  await expect(jobs.updateJobExecution({ ...update, expectedVersion: 9 })).rejects.toMatchObject({
    modeledError: { code: 'VersionMismatch', executionState: { versionNumber: 2 } },
  });
  await jobs.updateJobExecution({ ...update, expectedVersion: 2 });
  await expect(jobs.describeJobExecution({ ...thing, jobId: 'rotate-1' })).rejects.toMatchObject({
    modeledError: { code: 'TerminalStateReached' },
  });
});

test.for([4, 5] as const)(
  'mqtt.js with MQTT version %i asks for its shadow and its jobs',
  async (protocolVersion, { site, core }) => {
    const client = await mqttJs(site, core, await site.device(core, 'inklet-a'), {
      clientId: 'inklet-a',
      protocolVersion,
    });
    core.admin.setDesired({ thingName: 'inklet-a' }, { locale: 'de' });
    core.admin.jobs.create({ jobId: 'one', document: {}, targets: ['inklet-a'] });
    for (const [request, expected] of [
      ['shadow/get', { state: { delta: { locale: 'de' } } }],
      ['jobs/start-next', { execution: { jobId: 'one' } }],
    ] as const) {
      const topic = `$aws/things/inklet-a/${request}`;
      await client.subscribeAsync([`${topic}/accepted`, `${topic}/rejected`], { qos: 1 });
      const heard = new Promise((resolve) => client.once('message', (name, body) => resolve([name, `${body}`])));
      await client.publishAsync(topic, '{}', { qos: 1 });
      const [name, body] = z.tuple([z.string(), z.string()]).parse(await heard);
      expect([name, JSON.parse(body)]).toMatchObject([`${topic}/accepted`, expected]);
    }
  },
);
