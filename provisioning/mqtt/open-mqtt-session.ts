import { chooseAdapter, type MqttClientChoice } from './choose-adapter.js';
import type { MqttOptions } from './mqtt-adapter.js';
import { MqttSession, type MqttSessionDeps } from './mqtt-session.js';

/**
 * Opens one connection, which is never mended, by either library.
 * @throws ProvisioningError `link.*`; the signal's reason when it aborts
 */
export async function openMqttSession(
  options: MqttOptions & { readonly mqttClient?: MqttClientChoice | undefined },
  deps: MqttSessionDeps,
  signal?: AbortSignal,
): Promise<MqttSession> {
  return await MqttSession.open(options, await chooseAdapter(options.mqttClient ?? 'auto'), deps, signal);
}
