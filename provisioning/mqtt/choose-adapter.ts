import { ProvisioningError } from '../errors.js';
import type { MqttAdapterFactory } from './mqtt-adapter.js';

/** Which library speaks MQTT: `aws` and `mqtt.js` by name, `auto` the AWS SDK where it has a binary for this machine. */
export type MqttClientChoice = 'auto' | 'aws' | 'mqtt.js';

/** Brings each library into memory; fails where it does not run. */
export interface AdapterLoaders {
  readonly arch: string;
  readonly aws: () => Promise<MqttAdapterFactory>;
  readonly mqttJs: () => Promise<MqttAdapterFactory>;
}

/** Late, so that a hub pays for the library that it uses, and pays when it connects. */
const LOADERS: AdapterLoaders = {
  arch: process.arch,
  aws: async () => (await import('./aws-adapter.js')).awsAdapter,
  mqttJs: async () => (await import('./mqtt-js-adapter.js')).mqttJsAdapter,
};

/**
 * For Linux, the SDK brings binaries of these alone, and none for 32 bit ARM. Elsewhere it need not even be tried, which
 * would cost the memory of small machines. Source: the folder `dist/bin` of the npm package aws-crt.
 */
const AWS_ARCHITECTURES: readonly string[] = ['x64', 'arm64'];

/** @throws ProvisioningError `link.no-client` */
export async function chooseAdapter(
  choice: MqttClientChoice,
  { arch, aws, mqttJs }: AdapterLoaders = LOADERS,
): Promise<MqttAdapterFactory> {
  if (choice === 'mqtt.js' || (choice === 'auto' && !AWS_ARCHITECTURES.includes(arch))) return await mqttJs();
  try {
    return await aws();
  } catch (cause) {
    if (choice === 'auto') return await mqttJs();
    throw new ProvisioningError('link.no-client', `the AWS SDK does not run on this machine (${arch})`, { cause });
  }
}
