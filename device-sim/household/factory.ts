import { createPrivateKey, generateKeyPairSync, type KeyObject, randomBytes } from 'node:crypto';
import { z } from 'zod';
import { HwIdSchema, type SignerKeys, TagUidSchema } from '../../provisioning/index.js';
import { type Home, readIfThere, writePrivate } from './home.js';
import { callOnly } from './http.js';

/** The factory that made this household's hub: its signing key, and the one tag that it wrote. */
export type Factory = {
  signingKey: KeyObject;
  hwId: string;
  tagUid: string;
  keyId: number;
  model: number;
  batch: number;
  /** The allow list that hub and cloud are given. */
  signerKeys: SignerKeys;
};

const KEY_ID = 1;
const MODEL = 1;
const BATCH = 1;
/** The maker byte of NXP, with which the UID of every NTAG begins. Source: ISO/IEC 7816-6. */
const NXP = '04';

const MadeSchema = z.object({ signingKeyPem: z.string(), hwId: HwIdSchema, tagUid: TagUidSchema });

/** Makes the factory on first use and finds it again afterwards. */
export async function openFactory(home: Home): Promise<Factory> {
  const file = home.path('factory', 'factory.json');
  const kept = await readIfThere(file);
  const made = kept === undefined ? makeFactory() : MadeSchema.parse(JSON.parse(kept));
  if (kept === undefined) await writePrivate(file, JSON.stringify(made));
  const signingKey = createPrivateKey(made.signingKeyPem);
  const { x } = z.object({ x: z.string() }).parse(signingKey.export({ format: 'jwk' }));
  const batches = [{ from: BATCH, to: BATCH }];
  const signerKeys = { keys: [{ keyId: KEY_ID, publicKey: x, batches, revoked: false }] };
  await writePrivate(home.path('factory', 'signer-keys.json'), JSON.stringify(signerKeys));
  return { signingKey, hwId: made.hwId, tagUid: made.tagUid, keyId: KEY_ID, model: MODEL, batch: BATCH, signerKeys };
}

/** Tells the cloud what the factory has made; telling it again changes nothing. */
export async function registerHardware(
  factory: Factory,
  cloudUrl: string,
  operatorToken: string,
  signal: AbortSignal,
): Promise<void> {
  const { hwId, tagUid, keyId, model, batch } = factory;
  const url = `${cloudUrl}/v1/operator/hardware/${hwId}`;
  await callOnly({ method: 'PUT', url, token: operatorToken, json: { tagUid, keyId, model, batch } }, signal);
}

function makeFactory(): z.infer<typeof MadeSchema> {
  const { privateKey } = generateKeyPairSync('ed25519');
  return {
    signingKeyPem: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    hwId: randomBytes(10).toString('hex'),
    tagUid: `${NXP}${randomBytes(6).toString('hex')}`,
  };
}
