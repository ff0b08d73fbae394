import { createPublicKey, generateKeyPairSync } from 'node:crypto';
import { Ntag21x, SimNfcReader } from '../../device-sim/index.js';
import {
  diversifiedKey,
  LANDING_PAGE,
  readSignedTag,
  SignerKeysSchema,
  sunMac,
  verifySun,
  writeSignedTag,
} from '../../provisioning/index.js';
import { type Figure, quantile } from './figure.js';
import { benchFleet } from './fleet.js';

const ROUNDS = 500;
const WARM_UP = 50;
const AIM_US = 1000;
const UID = '04de5f1eacc040';

/** What proving and checking who a device is costs. */
export async function benchProvisioning(databaseUrl: string | undefined): Promise<Figure[]> {
  return [await benchSignedTag(), await benchSun(), ...(await benchFleet(databaseUrl))];
}

/** All commands to a reader in this process, and the signature. */
async function benchSignedTag(): Promise<Figure> {
  const { privateKey } = generateKeyPairSync('ed25519');
  const { x } = createPublicKey(privateKey).export({ format: 'jwk' });
  const key = { keyId: 1, publicKey: x, batches: [{ from: 1, to: 10 }], revoked: false };
  const keys = SignerKeysSchema.parse({ keys: [key] });
  const reader = new SimNfcReader();
  reader.place(new Ntag21x({ uid: Buffer.from(UID, 'hex') }));
  const payload = { keyId: 1, hwId: '00112233445566778899', model: 1, batch: 7 };
  await writeSignedTag(reader, { privateKey, payload, url: LANDING_PAGE, lock: false });
  return figure(
    'verify of a signed tag, from its memory to the verdict',
    await microseconds(() => readSignedTag(reader, { keys })),
  );
}

async function benchSun(): Promise<Figure> {
  const [metaKey, master] = [new Uint8Array(16), new Uint8Array(16).fill(1)];
  const fileKeyOf = (tagUid: string) => diversifiedKey(master, tagUid, Buffer.from('inklet'));
  // The public example decrypts to this UID and the counter 61.
  const cmac = sunMac(fileKeyOf(UID), Buffer.from(UID, 'hex'), Uint8Array.of(61, 0, 0));
  const sun = { piccData: 'EF963FF7828658A599F3041510671E88', cmac: Buffer.from(cmac).toString('hex') };
  const verdict = verifySun(sun, { metaKey, fileKeyOf }, () => 60);
  const what = `verify of a read of an NTAG 424 DNA (${verdict.ok ? 'taken' : verdict.reason})`;
  return figure(what, await microseconds(async () => verifySun(sun, { metaKey, fileKeyOf }, () => 60)));
}

async function microseconds(work: () => Promise<unknown>): Promise<number[]> {
  const samples: number[] = [];
  for (let round = 0; round < WARM_UP + ROUNDS; round += 1) {
    const start = performance.now();
    await work();
    if (round >= WARM_UP) samples.push((performance.now() - start) * 1000);
  }
  return samples;
}

function figure(what: string, samplesUs: readonly number[]): Figure {
  const p50 = quantile(samplesUs, 0.5);
  return { what, unit: 'us', samples: samplesUs.length, p50, p95: quantile(samplesUs, 0.95), aimP50: AIM_US };
}
