import { hkdfSync, randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type CryptoKey, exportJWK, generateKeyPair, importJWK } from 'jose';
import { z } from 'zod';
import { CloudError } from '../errors.js';

/** What a derived key is for; each purpose has a key of its own. */
export type KeyPurpose = 'refresh-token' | 'claim-code' | 'asset-url' | 'image-url' | 'upload-url' | 'cursor';

/** The secrets of one installation, made on its first start. */
export class Keys {
  readonly #secret: Buffer;
  readonly access: { kid: string; privateKey: CryptoKey; publicKey: CryptoKey };

  constructor(secret: Buffer, access: { kid: string; privateKey: CryptoKey; publicKey: CryptoKey }) {
    this.#secret = secret;
    this.access = access;
  }

  /** 32 bytes for one purpose, the same after each start. */
  derive(purpose: KeyPurpose): Buffer {
    return Buffer.from(hkdfSync('sha256', this.#secret, '', `inklet-cloud/${purpose}`, 32));
  }
}

const FILE_NAME = 'keys.json';

const FileSchema = z.object({
  secret: z.base64url().length(43),
  access: z.object({
    kid: z.string().min(1),
    kty: z.literal('OKP'),
    crv: z.literal('Ed25519'),
    x: z.string(),
    d: z.string(),
  }),
});

/**
 * Reads the key file of `dataDir`, which only its owner may read, or makes it.
 * @throws CloudError `keys.unusable`
 */
export async function loadKeys(dataDir: string): Promise<Keys> {
  const path = join(dataDir, FILE_NAME);
  mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  try {
    const fresh = JSON.stringify(await makeKeys());
    writeFileSync(path, fresh, { flag: 'wx', mode: 0o600, flush: true });
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
  }
  try {
    const { secret, access } = FileSchema.parse(JSON.parse(readFileSync(path, 'utf8')));
    const { d: _, ...open } = access;
    const [privateKey, publicKey] = await Promise.all([importJWK(access, 'EdDSA'), importJWK(open, 'EdDSA')]);
    if (privateKey instanceof Uint8Array || publicKey instanceof Uint8Array) throw new TypeError('not a key pair');
    return new Keys(Buffer.from(secret, 'base64url'), { kid: access.kid, privateKey, publicKey });
  } catch (error) {
    throw new CloudError('keys.unusable', `${path} is not a key file of this service`, {}, { cause: error });
  }
}

async function makeKeys(): Promise<unknown> {
  const { privateKey } = await generateKeyPair('EdDSA', { crv: 'Ed25519', extractable: true });
  const kid = randomBytes(8).toString('hex');
  return { secret: randomBytes(32).toString('base64url'), access: { ...(await exportJWK(privateKey)), kid } };
}
