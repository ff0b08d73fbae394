import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import type { Logger } from 'pino';
import { v7 } from 'uuid';
import { type Clock, connectHardwareSocket, systemClock } from '../../hardware/index.js';
import { linkOpener } from '../../hub/cloud-link/link-opener.js';
import { readConfig } from '../../hub/config.js';
import { HubError } from '../../hub/errors.js';
import { HardwareLink } from '../../hub/hardware-link.js';
import { createHub } from '../../hub/hub.js';
import { IdentitySource } from '../../hub/identity-source.js';
import { KeyStore } from '../../provisioning/index.js';
import { frameToPng, renderFrame } from '../../render/index.js';

/** Every back-off of the hub takes this part of what it may take at most. */
const HASTE = 0.01;

/** A hub in this process, on real wires, whose back-offs are short. */
export async function startInProcess(
  env: Record<string, string>,
  log: Logger,
  { clock = systemClock, random = () => HASTE }: { clock?: Clock; random?: () => number } = {},
) {
  const config = readConfig(env);
  const connect = () => connectHardwareSocket(config.INKLET_HARDWARE_SOCKET ?? '');
  const hardware = await HardwareLink.open({ connect, clock, random, log });
  const port = hardware.panel(config.INKLET_PANEL);
  if (port === undefined) throw new HubError('config.invalid', 'no panel');
  const { INKLET_IOT_ENDPOINT: endpoint = '', INKLET_IOT_PORT: iotPort, INKLET_IOT_CA_FILE: caFile = '' } = config;
  const caPem = await readFile(caFile, 'utf8');
  const { INKLET_PROVISIONING_TEMPLATE: template, INKLET_MQTT_CLIENT: mqttClient } = config;
  const iot = { endpoint, port: iotPort, caPem, template, mqttClient };
  const keyStore = new KeyStore({ dir: path.join(config.INKLET_DATA_DIR, 'identity') });
  const hub = createHub({
    config,
    version: '0.0.0',
    panel: port,
    identity: new IdentitySource({
      keyStore,
      nfc: hardware.nfc,
      signerKeysFile: config.INKLET_SIGNER_KEYS_FILE ?? '',
      claimCertFile: config.INKLET_CLAIM_CERT_FILE,
      claimKeyFile: config.INKLET_CLAIM_KEY_FILE,
      iot,
      clock,
      random,
      log,
    }),
    keyStore,
    openLink: linkOpener({ iot, clock, random, log }),
    // In this thread: what is tried here is not the worker.
    startRenderer: async () => ({ render: (input, target) => renderFrame(input, target), stop: async () => undefined }),
    frameToPng,
    fetch: (input, init) => fetch(input, init),
    reboot: async () => undefined,
    rssBytes: () => 1,
    temperatureC: async () => null,
    roomTemperatureC: async () => undefined,
    clock,
    random,
    newId: () => v7(),
    newEpoch: () => randomBytes(16).toString('hex'),
    randomBytes,
    addressOf: (host) => host,
    log,
  });
  const { url } = await hub.start();
  const stop = async () => {
    await hub.stop();
    hardware.close();
  };
  return { url, stop };
}
