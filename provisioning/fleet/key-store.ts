import { createPrivateKey, generateKeyPair } from 'node:crypto';
import path from 'node:path';
import { promisify } from 'node:util';
import { parseJson } from '../../contract/index.js';
import { ProvisioningError } from '../errors.js';
import { makeFolderDurably, readIfThere, removeDurably, writeDurably } from './durable-file.js';
import { type DeviceConfiguration, type ProvisioningState, ProvisioningStateSchema } from './state.js';

/** A hub that has earned its certificate. */
export interface HubIdentity {
  readonly hwId: string;
  /** The model number on the tag. */
  readonly model: number;
  readonly thingName: string;
  /** The AWS IoT certificate id, 64 hex digits. */
  readonly certificateId: string;
  readonly certPem: string;
  /** P-256, PKCS#8. */
  readonly keyPem: string;
  readonly deviceConfiguration: DeviceConfiguration;
}

const STATE_FILE = 'state.json';
const KEY_FILE = 'device-key.pem';

/**
 * The folder that holds who a hub is: `device-key.pem`, `certificate-<id>.pem` and `state.json`, each readable by its owner
 * alone and replaced in one step. One process at a time.
 */
export class KeyStore {
  readonly #dir: string;

  constructor({ dir }: { dir: string }) {
    this.#dir = dir;
  }

  /**
   * Who this hub is; undefined until it is ACTIVE.
   * @throws ProvisioningError `store.damaged`
   */
  async identity(): Promise<HubIdentity | undefined> {
    const state = await this.readState();
    if (state.phase !== 'ACTIVE') return undefined;
    const { hwId, model, thingName, certificateId, deviceConfiguration } = state;
    const [certPem, keyPem] = await Promise.all([this.readCertificate(certificateId), this.readKey()]);
    return { hwId, model, thingName, certificateId, certPem, keyPem, deviceConfiguration };
  }

  /** @throws ProvisioningError `store.damaged` */
  async readState(): Promise<ProvisioningState> {
    const text = await readIfThere(this.#file(STATE_FILE));
    if (text === undefined) return { phase: 'UNPROVISIONED' };
    const parsed = parseJson(ProvisioningStateSchema, text);
    if (parsed.ok) return parsed.value;
    const problems = parsed.refusals.map(({ path: where, reason }) => `${where} ${reason}`.trim());
    throw new ProvisioningError('store.damaged', `${this.#file(STATE_FILE)}: ${problems.join('; ')}`);
  }

  async writeState(state: ProvisioningState): Promise<void> {
    await this.#ready();
    await writeDurably(this.#file(STATE_FILE), `${JSON.stringify(state, null, 2)}\n`);
  }

  /** Makes a new P-256 key in place of the old one. It never leaves this folder. */
  async makeKey(): Promise<void> {
    await this.#ready();
    const { privateKey } = await promisify(generateKeyPair)('ec', { namedCurve: 'prime256v1' });
    await writeDurably(this.#file(KEY_FILE), privateKey.export({ type: 'pkcs8', format: 'pem' }).toString());
  }

  /** @throws ProvisioningError `store.damaged` */
  async readKey(): Promise<string> {
    const keyPem = await this.#read(KEY_FILE);
    try {
      createPrivateKey(keyPem);
    } catch (cause) {
      throw new ProvisioningError('store.damaged', `${this.#file(KEY_FILE)} is not a key`, { cause });
    }
    return keyPem;
  }

  async writeCertificate(certificateId: string, certPem: string): Promise<void> {
    await this.#ready();
    await writeDurably(this.#file(certificateFile(certificateId)), certPem);
  }

  /** @throws ProvisioningError `store.damaged` */
  async readCertificate(certificateId: string): Promise<string> {
    return await this.#read(certificateFile(certificateId));
  }

  async removeCertificate(certificateId: string): Promise<void> {
    await removeDurably(this.#file(certificateFile(certificateId)));
  }

  async #ready(): Promise<void> {
    await makeFolderDurably(this.#dir);
  }

  async #read(name: string): Promise<string> {
    const text = await readIfThere(this.#file(name));
    if (text === undefined) throw new ProvisioningError('store.damaged', `${this.#file(name)} is missing`);
    return text;
  }

  #file(name: string): string {
    return path.join(this.#dir, name);
  }
}

function certificateFile(certificateId: string): string {
  return `certificate-${certificateId}.pem`;
}
