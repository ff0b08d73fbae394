import { createPrivateKey, X509Certificate } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import type { IotCore } from '../../device-sim/iot-core/iot-core.js';
import { RawClient } from '../../device-sim/iot-core/raw-client.js';
import type { MadeHub } from '../support/fleet-site.js';

type Pair = { readonly certificateId: string; readonly certPem: string; readonly keyPem: string };

/** Every key and certificate in a key store that fit each other, whatever its state says of them. */
export function pairsOnDisk({ identityDir }: Pick<MadeHub, 'identityDir'>): Pair[] {
  const texts = readdirSync(identityDir).flatMap((name) => {
    const text = textOf(path.join(identityDir, name));
    return text === undefined ? [] : [{ name, text }];
  });
  const keys = texts.filter(({ name }) => /^device-key.*\.pem$/.test(name));
  return texts.flatMap(({ name, text: certPem }) => {
    const certificateId = /^certificate-([0-9a-f]{64})\.pem$/.exec(name)?.[1];
    const key = keys.find(({ text: keyPem }) => certificateId !== undefined && fits(certPem, keyPem));
    return certificateId === undefined || key === undefined ? [] : [{ certificateId, certPem, keyPem: key.text }];
  });
}

/** Whether AWS IoT would let one of them in as the hub, by what it has in its registry at this moment. */
export function hasWorkingPair(hub: MadeHub, { admin }: Pick<IotCore, 'admin'>): boolean {
  const good = new Set(
    admin
      .certificates()
      .filter(({ status, thingName }) => status === 'ACTIVE' && thingName === hub.thingName)
      .map(({ certificateId }) => certificateId),
  );
  return pairsOnDisk(hub).some(({ certificateId }) => good.has(certificateId));
}

/** Whether one of them really connects as the hub; only while the hub itself is off, for it would be thrown out. */
export async function canConnect(hub: MadeHub, core: Pick<IotCore, 'port' | 'caPem'>): Promise<boolean> {
  for (const pair of pairsOnDisk(hub)) {
    const client = await RawClient.dial(core, pair);
    const heard = await client.greet(hub.thingName);
    client.cut();
    if (heard.cmd === 'connack' && heard.reasonCode === 0) return true;
  }
  return false;
}

function fits(certPem: string, keyPem: string): boolean {
  try {
    return new X509Certificate(certPem).checkPrivateKey(createPrivateKey(keyPem));
  } catch {
    return false;
  }
}

/** The hub may remove a file between two looks. */
function textOf(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}
