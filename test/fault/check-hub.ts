import { createPrivateKey, X509Certificate } from 'node:crypto';
import { readdir, readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import type { IotCore } from '../../device-sim/iot-core/iot-core.js';
import { KeyStore } from '../../provisioning/index.js';
import type { MadeHub } from '../support/fleet-site.js';

/** What became of a hub, as the world shows it. */
export type HubCheck = {
  /** What is not as it must be, in words; none: the hub is whole. */
  readonly problems: string[];
  /** Certificates that are ACTIVE and attached to the hub's thing besides its own. */
  readonly orphans: number;
};

const OWNER_ONLY = 0o600;

/** Reads files, registry and connections; the hub itself is not asked. */
export async function checkHub(hub: MadeHub, { admin }: Pick<IotCore, 'admin'>): Promise<HubCheck> {
  const { identityDir, hwId, thingName } = hub;
  const state = await new KeyStore({ dir: identityDir }).readState().catch((error: unknown) => String(error));
  if (typeof state === 'string' || state.phase !== 'ACTIVE') {
    return { problems: [`state: ${typeof state === 'string' ? state : state.phase}`], orphans: 0 };
  }
  const { certificateId, keyFile = 'device-key.pem' } = state;
  const problems = await problemsOfFiles(hub, certificateId, keyFile);
  if (state.hwId !== hwId || state.thingName !== thingName) problems.push(`registered as ${state.thingName}`);
  const things = admin.things().filter((thing) => thing.thingName === thingName || thing.attributes.hwId === hwId);
  if (things.length !== 1) problems.push(`${things.length} things: ${things.map((thing) => thing.thingName)}`);
  const attached = admin.certificates().filter((one) => one.thingName === thingName && one.status === 'ACTIVE');
  if (!attached.some((one) => one.certificateId === certificateId)) problems.push('its certificate is not ACTIVE');
  const online = admin.clients().filter(({ clientId }) => clientId === thingName);
  if (!online.some((client) => client.certificateId === certificateId)) problems.push('it is not online');
  return { problems, orphans: attached.filter((one) => one.certificateId !== certificateId).length };
}

async function problemsOfFiles(hub: MadeHub, certificateId: string, keyFile: string): Promise<string[]> {
  const { identityDir, claimKeyFile } = hub;
  const problems: string[] = [];
  const certificateFile = `certificate-${certificateId}.pem`;
  const expected = [certificateFile, keyFile, 'state.json'];
  const found = (await readdir(identityDir)).sort();
  problems.push(...found.filter((name) => !expected.includes(name)).map((name) => `left over: ${name}`));
  problems.push(...expected.filter((name) => !found.includes(name)).map((name) => `missing: ${name}`));
  for (const name of found) {
    // The hub may remove a file between two looks.
    const mode = ((await stat(path.join(identityDir, name)).catch(() => undefined))?.mode ?? OWNER_ONLY) & 0o777;
    if (mode !== OWNER_ONLY) problems.push(`${name} has mode ${mode.toString(8)}`);
  }
  if (!(await isPair(path.join(identityDir, keyFile), path.join(identityDir, certificateFile)))) {
    problems.push('key and certificate are no pair');
  }
  if ((await stat(claimKeyFile).catch(() => undefined)) !== undefined) problems.push('the claim key is still there');
  return problems;
}

async function isPair(keyFile: string, certificateFile: string): Promise<boolean> {
  try {
    const [keyPem, certPem] = await Promise.all([readFile(keyFile, 'utf8'), readFile(certificateFile, 'utf8')]);
    return new X509Certificate(certPem).checkPrivateKey(createPrivateKey(keyPem));
  } catch {
    return false;
  }
}
