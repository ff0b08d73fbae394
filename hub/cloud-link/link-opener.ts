import type { Logger } from 'pino';
import type { Clock } from '../../hardware/index.js';
import { type MqttClientChoice, openMqttSession } from '../../provisioning/index.js';
import type { OpenLink } from '../cloud-side.js';
import { HubError } from '../errors.js';
import { MendedLink } from './mended-link.js';

export type LinkOpenerDeps = {
  /** Absent where the hub works on its own. */
  iot: { endpoint: string; port: number; caPem: string; mqttClient: MqttClientChoice } | undefined;
  clock: Clock;
  random: () => number;
  log: Logger;
};

/** Makes the link of a hub, which connects under its thing name. */
export function linkOpener({ iot, clock, random, log }: LinkOpenerDeps): OpenLink {
  return async ({ identity, subscriptions, onMessage }) => {
    if (iot === undefined) throw new HubError('config.invalid', 'INKLET_IOT_ENDPOINT: is needed to reach the cloud');
    const { certPem, keyPem, thingName: clientId } = identity;
    const onHandlerFailure = (error: unknown, topic: string) => log.warn({ err: error, topic }, 'message not handled');
    return new MendedLink({
      open: (pair, signal) => openMqttSession({ ...iot, ...pair, clientId }, { clock, onHandlerFailure }, signal),
      pair: { certPem, keyPem },
      subscriptions,
      onMessage,
      clock,
      random,
      log,
    });
  };
}
