import { generateKeyPairSync, X509Certificate } from 'node:crypto';
import path from 'node:path';
import { pino } from 'pino';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { deviceTopics } from '../../contract/index.js';
import { CertificateAuthority } from '../../device-sim/iot-core/certificate-authority.js';
import { systemClock } from '../../hardware/index.js';
import {
  KeyStore,
  type MqttMessage,
  openMqttSession,
  provisionHub,
  signHwId,
  thingNameFor,
} from '../../provisioning/index.js';
import { MQTT_CLIENTS } from '../support/hub-links.js';
import { BROKERS, type TestBroker, WATCHER } from '../support/mqtt-brokers.js';

const HW_ID = '00112233445566778899';
const THING = thingNameFor(HW_ID);
const TEMPLATE = 'inklet-hub';
const CREATE = '$aws/certificates/create-from-csr/json';
const PROVISION = `$aws/provisioning-templates/${TEMPLATE}/provision/json`;
const TOKEN = 'a token of the test';
const CASES = BROKERS.filter(({ name }) => name === 'Mosquitto').flatMap((broker) =>
  MQTT_CLIENTS.map((mqttClient) => ({ ...broker, mqttClient })),
);

const CsrSchema = z.object({ certificateSigningRequest: z.string() });
const RegisterSchema = z.object({
  certificateOwnershipToken: z.literal(TOKEN),
  parameters: z.object({ hwId: z.literal(HW_ID), claimNonce: z.string() }),
});

/** Answers as the service of AWS does, by a client of a broker that has no such service. */
async function answerAsService({ dir, port, caPem, watcher }: TestBroker) {
  const authority = await CertificateAuthority.open(dir);
  const pair = { ...watcher, clientId: WATCHER };
  const session = await openMqttSession({ endpoint: '127.0.0.1', port, caPem, ...pair }, { clock: systemClock });
  const bodyOf = ({ payload }: MqttMessage): unknown => JSON.parse(payload.toString());
  const accept = (topic: string, body: object) => session.publish(`${topic}/accepted`, JSON.stringify(body));
  await session.subscribe([CREATE], async (message) => {
    const { certificateSigningRequest } = CsrSchema.parse(bodyOf(message));
    const { certificateId, certPem: certificatePem } = await authority.issueFromCsr(
      certificateSigningRequest,
      systemClock.now(),
    );
    await accept(CREATE, { certificateId, certificatePem, certificateOwnershipToken: TOKEN });
  });
  await session.subscribe([PROVISION], async (message) => {
    RegisterSchema.parse(bodyOf(message));
    await accept(PROVISION, { thingName: THING, deviceConfiguration: {} });
  });
  return session;
}

describe.for(CASES)('the claim exchange of $mqttClient on $name', ({ start, mqttClient }) => {
  it('a hub earns its certificate from whoever answers as AWS does', async ({ onTestFinished }) => {
    const broker = await start();
    onTestFinished(() => broker.stop());
    const service = await answerAsService(broker);
    onTestFinished(() => service.close());
    const { dir, port, caPem, claim } = broker;
    const identity = await provisionHub({
      ...{ endpoint: '127.0.0.1', port, caPem, template: TEMPLATE, mqttClient, claim },
      keyStore: new KeyStore({ dir: path.join(dir, 'identity') }),
      tag: signHwId({
        payload: { keyId: 1, hwId: HW_ID, model: 1, batch: 7 },
        tagUid: '04de5f1eacc040',
        privateKey: generateKeyPairSync('ed25519').privateKey,
      }),
      ...{ clock: systemClock, random: () => 0, log: pino({ level: 'silent' }) },
    });
    expect(identity.thingName).toBe(THING);
    expect(new X509Certificate(identity.certPem).verify(new X509Certificate(caPem).publicKey)).toBe(true);
    const { certPem, keyPem } = identity;
    const options = { endpoint: '127.0.0.1', port, caPem, certPem, keyPem, clientId: THING, mqttClient };
    const hub = await openMqttSession(options, { clock: systemClock });
    await hub.subscribe([deviceTopics(THING).command], () => undefined);
    await hub.close();
  });
});
