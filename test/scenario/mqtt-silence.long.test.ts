import { describe, expect, it } from 'vitest';
import { systemClock } from '../../hardware/index.js';
import { openMqttSession } from '../../provisioning/index.js';
import { MQTT_CLIENTS } from '../support/hub-links.js';
import { BROKERS, DEVICE } from '../support/mqtt-brokers.js';

/** AWS IoT Core takes no keep-alive below half a minute, so that this takes three quarters of one. */
const CASES = BROKERS.filter(({ name }) => name === 'the stand-in').flatMap((broker) =>
  MQTT_CLIENTS.map((mqttClient) => ({ ...broker, mqttClient })),
);

describe.for(CASES)('$mqttClient on $name', ({ start, mqttClient }) => {
  it('a connection on which nothing gets through is given up when signs of life stay out', async ({
    onTestFinished,
  }) => {
    const { port, caPem, device, freeze, stop } = await start();
    onTestFinished(stop);
    const options = { endpoint: '127.0.0.1', port, caPem, ...device, clientId: DEVICE, mqttClient, keepAliveS: 30 };
    const session = await openMqttSession(options, { clock: systemClock });
    freeze();
    expect(await session.ended).toMatchObject({ code: 'link.lost' });
  });
});
