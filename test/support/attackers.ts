import type { Credentials } from '../../device-sim/iot-core/certificate-authority.js';
import type { IotCore } from '../../device-sim/iot-core/iot-core.js';
import { RawClient } from '../../device-sim/iot-core/raw-client.js';
import { systemClock } from '../../hardware/index.js';
import { openMqttSession, ProvisioningError } from '../../provisioning/index.js';

/** What came of an attempt: `in`, or the code of the refusal. */
export type Fate = string;

/** An attempt to do something at the broker by a pair of certificate and key. */
export type Attempt = {
  readonly pair: Pick<Credentials, 'certPem' | 'keyPem'>;
  readonly clientId: string;
  readonly publish?: string;
  readonly subscribe?: string;
};

type Core = Pick<IotCore, 'port' | 'caPem'>;

/** The same attempts by three clients, each of which tells the refusal in its own words. */
export const ATTACKERS = {
  'the AWS SDK': (core: Core, attempt: Attempt) => bySession('aws', core, attempt),
  'mqtt.js': (core: Core, attempt: Attempt) => bySession('mqtt.js', core, attempt),
  'raw packets': byPackets,
} as const;

async function bySession(mqttClient: 'aws' | 'mqtt.js', core: Core, attempt: Attempt): Promise<Fate> {
  const { pair, clientId, publish, subscribe } = attempt;
  const { certPem, keyPem } = pair;
  const options = { endpoint: '127.0.0.1', port: core.port, caPem: core.caPem, certPem, keyPem, clientId, mqttClient };
  try {
    const session = await openMqttSession(options, { clock: systemClock });
    try {
      if (subscribe !== undefined) await session.subscribe([subscribe], () => undefined);
      if (publish !== undefined) await session.publish(publish, '{}');
      return 'in';
    } finally {
      await session.close();
    }
  } catch (error) {
    return error instanceof ProvisioningError ? error.code : String(error);
  }
}

async function byPackets(core: Core, { pair, clientId, publish, subscribe }: Attempt): Promise<Fate> {
  const client = await RawClient.dial(core, pair);
  try {
    const connack = await client.greet(clientId);
    if (connack.cmd !== 'connack' || connack.reasonCode !== 0) return fateOf(connack);
    if (subscribe !== undefined) return String(await client.subscribe(subscribe));
    return publish === undefined ? 'in' : fateOf(await client.publish(publish, '{}'));
  } finally {
    client.cut();
  }
}

function fateOf(heard: object): Fate {
  return 'reasonCode' in heard ? String(heard.reasonCode) : JSON.stringify(heard);
}
