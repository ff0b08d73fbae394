import { pino } from 'pino';
import { expect } from 'vitest';
import { deviceTopics } from '../../contract/index.js';
import { type Clock, systemClock } from '../../hardware/index.js';
import { MendedLink } from '../../hub/index.js';
import { type MqttClientChoice, type MqttHandler, openMqttSession } from '../../provisioning/index.js';

/** Both libraries that speak MQTT for us. */
export const MQTT_CLIENTS = ['aws', 'mqtt.js'] as const satisfies readonly MqttClientChoice[];

export const THING = 'inklet-aaaaaaaaaaaaaaaa';

const WAIT = { timeout: 15_000, interval: 20 };

export type HubLinkOptions = {
  broker: { port: number; caPem: string };
  pair: { certPem: string; keyPem: string };
  mqttClient: MqttClientChoice;
  onMessage?: MqttHandler;
  clock?: Clock;
  random?: () => number;
};

/** A hub's link to a broker on this machine, not started, with what it logs. */
export function hubLink(options: HubLinkOptions): { link: MendedLink; logged: string[] } {
  const { broker, pair, mqttClient, onMessage = () => undefined, clock = systemClock, random = () => 0.5 } = options;
  const logged: string[] = [];
  const log = pino({ level: 'debug' }, { write: (line: string) => logged.push(line) });
  const address = { endpoint: '127.0.0.1', port: broker.port, caPem: broker.caPem, clientId: THING, mqttClient };
  const onHandlerFailure = (error: unknown) => log.warn({ err: error }, 'message not handled');
  const link = new MendedLink({
    open: (as, signal) => openMqttSession({ ...address, ...as }, { clock: systemClock, onHandlerFailure }, signal),
    pair,
    subscriptions: [deviceTopics(THING).command],
    onMessage,
    clock,
    random,
    log,
  });
  return { link, logged };
}

/** Starts a link and waits until it hears the cloud. */
export async function connected(link: MendedLink): Promise<void> {
  link.start();
  await expect.poll(() => link.state().connected, WAIT).toBe(true);
}
