import { once } from 'node:events';
import { connectAsync, type MqttClient } from 'mqtt';
import { v7 } from 'uuid';
import { deviceTopics, type Heartbeat } from '../../../../contract/index.js';
import { CreditSchema, type PublisherSetup, PublisherSetupSchema } from './orders.js';

// Speaks for a fleet of hubs in a process of its own, as fast as it is let: QoS 1, each hub in turn.
const [first] = await once(process, 'message');
const setup = PublisherSetupSchema.parse(first);
const clients = await Promise.all(Array.from({ length: setup.clients }, (_, number) => connect(setup, number)));
const bootId = v7();
let sent = 0;

process.on('message', (message) => {
  const { credit } = CreditSchema.parse(message);
  for (let left = credit; left > 0; left -= 1) send(clients[sent % clients.length], sent);
});
process.on('disconnect', () => {
  for (const client of clients) client.end(true);
});
process.send?.('ready');

function send(client: MqttClient | undefined, number: number): void {
  sent += 1;
  const thing = setup.things[number % setup.things.length] ?? '';
  client?.publish(deviceTopics(thing).heartbeat, heartbeat(number), { qos: 1 });
}

function connect({ door: { port, caPem, certPem, keyPem } }: PublisherSetup, number: number): Promise<MqttClient> {
  const clientId = `inklet-publisher-${number}`;
  const options = { ca: caPem, cert: certPem, key: keyPem, protocolVersion: 5, clientId, reconnectPeriod: 0 } as const;
  return connectAsync(`mqtts://127.0.0.1:${port}`, options);
}

function heartbeat(number: number): string {
  const at = new Date().toISOString();
  const message: Heartbeat = {
    v: 1,
    at,
    bootId,
    uptimeS: number,
    version: '1.0.0',
    queueDepth: 0,
    rssBytes: 80_000_000,
    temperatureC: 41.5,
    link: { connectedSince: at, reconnects: 0 },
    nextHeartbeatS: 60,
  };
  return JSON.stringify(message);
}
