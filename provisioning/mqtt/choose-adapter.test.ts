import { expect, test } from 'vitest';
import { chooseAdapter } from './choose-adapter.js';
import type { MqttAdapterFactory } from './mqtt-adapter.js';

const never: MqttAdapterFactory = () => expect.unreachable();
const AWS: MqttAdapterFactory = (options, events) => never(options, events);
const MQTT_JS: MqttAdapterFactory = (options, events) => never(options, events);

/** A machine on which the SDK has a binary, or none. */
function machine(arch: string, hasBinary: boolean) {
  const loaded: string[] = [];
  const loaders = {
    arch,
    aws: async () => {
      loaded.push('aws');
      if (!hasBinary) throw new TypeError('AWS CRT binary not present');
      return AWS;
    },
    mqttJs: async () => {
      loaded.push('mqtt.js');
      return MQTT_JS;
    },
  };
  return { loaded, loaders };
}

test.each([
  ['auto', 'x64', true, AWS, ['aws']],
  ['auto', 'arm64', true, AWS, ['aws']],
  ['auto', 'arm64', false, MQTT_JS, ['aws', 'mqtt.js']],
  ['auto', 'arm', true, MQTT_JS, ['mqtt.js']],
  ['mqtt.js', 'x64', true, MQTT_JS, ['mqtt.js']],
  ['aws', 'x64', true, AWS, ['aws']],
] as const)('%s on %s, binary: %s', async (choice, arch, hasBinary, chosen, loaded) => {
  const on = machine(arch, hasBinary);
  expect(await chooseAdapter(choice, on.loaders)).toBe(chosen);
  expect(on.loaded).toEqual(loaded);
});

test('the SDK that is asked for by name and does not run is an error, not another library', async () => {
  const { loaders } = machine('arm', false);
  await expect(chooseAdapter('aws', loaders)).rejects.toMatchObject({ code: 'link.no-client' });
});
