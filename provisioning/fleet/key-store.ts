import { createHash, createPrivateKey, generateKeyPair } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { parseJson } from '../../contract/index.js';
import { ProvisioningError } from '../errors.js';
import type { Rotation } from '../rotation/rotation-state.js';
import { makeFolderDurably, readIfThere, removeDurably, writeDurably } from './durable-file.js';
import { type DeviceConfiguration, type ProvisioningState, ProvisioningStateSchema, type Registered } from './state.js';

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

/** The pairs of a key and a certificate that a hub holds. */
export interface HubPairs {
  /** The hub's own; undefined before it is ACTIVE, or when it is damaged. */
  readonly current: HubIdentity | undefined;
  /** The one that is to follow it. */
  readonly next: HubIdentity | undefined;
  readonly stage: Rotation['stage'] | undefined;
}

const STATE_FILE = 'state.json';
const KEY_FILE = 'device-key.pem';
const FINGERPRINT_DIGITS = 16;
/** What this folder's own files are called, whole or half written; anything else in it is somebody else's. */
const OUR_FILES = /^(device-key(-[0-9a-f]{16})?\.pem|certificate-[0-9a-f]{64}\.pem|state\.json)(\.new)?$/;

/**
 * The folder that holds who a hub is: `device-key.pem`, `certificate-<id>.pem` and `state.json`, each readable by its owner
 * alone and replaced in one step. A key that follows another lies in `device-key-<fingerprint>.pem`, and `state.json` says
 * which one counts. One process at a time.
 */
export class KeyStore {
  readonly #dir: string;

  constructor({ dir }: { dir: string }) {
    this.#dir = dir;
  }

  /**
   * Who this hub is, by the pair that it should use; undefined until it is ACTIVE. While it is not known whether the cloud
   * has taken the next pair for good, that is the next one.
   * @throws ProvisioningError `store.damaged`
   */
  async identity(): Promise<HubIdentity | undefined> {
    const { current, next, stage } = await this.pairs();
    return stage === 'NEXT_VERIFIED' && next !== undefined ? next : current;
  }

  /**
   * Every pair that is whole: the hub's, and the one that is to follow it; a next pair that cannot be read counts as none.
   * @throws ProvisioningError `store.damaged` when the hub's own cannot be read and there is no next one
   */
  async pairs(): Promise<HubPairs> {
    const state = await this.readState();
    if (state.phase !== 'ACTIVE') return { current: undefined, next: undefined, stage: undefined };
    const { rotation } = state;
    const next =
      rotation === undefined || rotation.stage === 'NEXT_KEY_MADE'
        ? undefined
        : await this.#pair({ ...state, ...rotation }).catch(() => undefined);
    const current = await this.#pair(state).catch((error: unknown) => {
      if (next === undefined) throw error;
      return undefined;
    });
    return { current, next, stage: rotation?.stage };
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
    const { keyPem } = await newKey();
    await writeDurably(this.#file(KEY_FILE), keyPem);
  }

  /** Makes a new P-256 key beside the hub's, and gives the name of its file. */
  async makeNextKey(): Promise<string> {
    await this.#ready();
    const { keyPem, fingerprint } = await newKey();
    const keyFile = `device-key-${fingerprint}.pem`;
    await writeDurably(this.#file(keyFile), keyPem);
    return keyFile;
  }

  /** @throws ProvisioningError `store.damaged` */
  async readKey(keyFile: string = KEY_FILE): Promise<string> {
    const keyPem = await this.#read(keyFile);
    try {
      createPrivateKey(keyPem);
    } catch (cause) {
      throw new ProvisioningError('store.damaged', `${this.#file(keyFile)} is not a key`, { cause });
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

  /**
   * Removes keys and certificates that the state of an ACTIVE hub does not name: what a kill or a rotation left behind.
   * Gives their names.
   * @throws ProvisioningError `store.damaged`
   */
  async sweep(): Promise<string[]> {
    const state = await this.readState();
    if (state.phase !== 'ACTIVE') return [];
    const kept = namedFiles(state);
    const found = await readdir(this.#dir);
    const leftovers = found.filter((name) => OUR_FILES.test(name) && !kept.has(name));
    for (const name of leftovers) await removeDurably(this.#file(name));
    return leftovers;
  }

  async #pair({
    hwId,
    model,
    thingName,
    certificateId,
    keyFile,
    deviceConfiguration,
  }: Registered): Promise<HubIdentity> {
    const [certPem, keyPem] = await Promise.all([this.readCertificate(certificateId), this.readKey(keyFile)]);
    return { hwId, model, thingName, certificateId, certPem, keyPem, deviceConfiguration };
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

function namedFiles({ certificateId, keyFile = KEY_FILE, rotation }: Registered): Set<string> {
  const named = new Set([STATE_FILE, keyFile, certificateFile(certificateId)]);
  if (rotation === undefined) return named;
  named.add(rotation.keyFile);
  if (rotation.stage !== 'NEXT_KEY_MADE') named.add(certificateFile(rotation.certificateId));
  return named;
}

async function newKey(): Promise<{ keyPem: string; fingerprint: string }> {
  const { privateKey, publicKey } = await promisify(generateKeyPair)('ec', { namedCurve: 'prime256v1' });
  const keyPem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
  const spki = publicKey.export({ type: 'spki', format: 'der' });
  const fingerprint = createHash('sha256').update(spki).digest('hex').slice(0, FINGERPRINT_DIGITS);
  return { keyPem, fingerprint };
}

function certificateFile(certificateId: string): string {
  return `certificate-${certificateId}.pem`;
}
