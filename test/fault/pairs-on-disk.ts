import { createPrivateKey, X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { parseJson } from '../../contract/index.js';
import type { IotCore } from '../../device-sim/iot-core/iot-core.js';
import { RawClient } from '../../device-sim/iot-core/raw-client.js';
import { ProvisioningStateSchema } from '../../provisioning/fleet/state.js';
import type { MadeHub } from '../support/fleet-site.js';

type Pair = { readonly certificateId: string; readonly certPem: string; readonly keyPem: string };

const FIRST_KEY_FILE = 'device-key.pem';

/** The pairs that a hub which starts now would go by: what its state names, and not what else lies there. */
export function usablePairs(hub: Pick<MadeHub, 'identityDir'>): Pair[] {
  const text = textIn(hub, 'state.json');
  const pairs = namedPairs(hub, text ?? '');
  // The hub may write its state, and remove what was named before, between two looks.
  return text === textIn(hub, 'state.json') ? pairs : usablePairs(hub);
}

/** Whether AWS IoT would let one of them in as the hub, by what it has in its registry at this moment. */
export function hasWorkingPair(hub: MadeHub, { admin }: Pick<IotCore, 'admin'>): boolean {
  const good = new Set(
    admin
      .certificates()
      .filter(({ status, thingName }) => status === 'ACTIVE' && thingName === hub.thingName)
      .map(({ certificateId }) => certificateId),
  );
  return usablePairs(hub).some(({ certificateId }) => good.has(certificateId));
}

/** Whether one of them really connects as the hub; only while the hub itself is off, for it would be thrown out. */
export async function canConnect(hub: MadeHub, core: Pick<IotCore, 'port' | 'caPem'>): Promise<boolean> {
  for (const pair of usablePairs(hub)) {
    const client = await RawClient.dial(core, pair);
    const heard = await client.greet(hub.thingName);
    client.cut();
    if (heard.cmd === 'connack' && heard.reasonCode === 0) return true;
  }
  return false;
}

/** The next pair counts from the moment on at which it has connected: before that no start would try it. */
function namedPairs(hub: Pick<MadeHub, 'identityDir'>, stateText: string): Pair[] {
  const state = parseJson(ProvisioningStateSchema, stateText);
  if (!state.ok || state.value.phase !== 'ACTIVE') return [];
  const { rotation, ...own } = state.value;
  const named = rotation?.stage === 'NEXT_VERIFIED' ? [own, rotation] : [own];
  return named.flatMap(({ certificateId, keyFile = FIRST_KEY_FILE }) => {
    const certPem = textIn(hub, `certificate-${certificateId}.pem`);
    const keyPem = textIn(hub, keyFile);
    if (certPem === undefined || keyPem === undefined || !fits(certPem, keyPem)) return [];
    return [{ certificateId, certPem, keyPem }];
  });
}

function fits(certPem: string, keyPem: string): boolean {
  try {
    return new X509Certificate(certPem).checkPrivateKey(createPrivateKey(keyPem));
  } catch {
    return false;
  }
}

function textIn({ identityDir }: Pick<MadeHub, 'identityDir'>, name: string): string | undefined {
  try {
    return readFileSync(path.join(identityDir, name), 'utf8');
  } catch {
    return undefined;
  }
}
