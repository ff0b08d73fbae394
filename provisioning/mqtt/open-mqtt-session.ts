import { ProvisioningError } from '../errors.js';
import type { MqttAdapterFactory, MqttOptions } from './mqtt-adapter.js';
import { MqttSession, type MqttSessionDeps } from './mqtt-session.js';

/** Which library speaks MQTT: `aws` and `mqtt.js` by name, `auto` the AWS SDK where it has a binary for this machine. */
export type MqttClientChoice = 'auto' | 'aws' | 'mqtt.js';

/** Opens one connection, which is never mended. @throws ProvisioningError `link.*`; the signal's reason when it aborts */
export async function openMqttSession(
  options: MqttOptions & { readonly mqttClient?: MqttClientChoice | undefined },
  deps: MqttSessionDeps,
  signal?: AbortSignal,
): Promise<MqttSession> {
  const makeAdapter = await adapterFor(options.mqttClient ?? 'auto');
  return await MqttSession.open(options, makeAdapter, deps, signal);
}

/** Late, so that a hub pays for the library that it uses, and pays when it connects. */
async function adapterFor(choice: MqttClientChoice): Promise<MqttAdapterFactory> {
  if (choice !== 'mqtt.js') {
    const aws = await import('./aws-adapter.js').catch((cause: unknown) => {
      if (choice === 'auto') return undefined;
      throw new ProvisioningError('link.no-client', `the AWS SDK has no binary for this machine`, { cause });
    });
    if (aws !== undefined) return aws.awsAdapter;
  }
  return (await import('./mqtt-js-adapter.js')).mqttJsAdapter;
}
