import { createPublicKey, generateKeyPairSync } from 'node:crypto';
import { expect } from 'vitest';
import { seededRandom } from '../../device-sim/epd/seeded-random.js';
import { Ntag21x, SimNfcReader } from '../../device-sim/index.js';
import { encodeNdef, HardwareError, type NfcReader } from '../../hardware/index.js';
import { layOut, ndefIn } from '../../hardware/nfc/tlv.js';
import { ProvisioningError } from '../../provisioning/errors.js';
import { readSignedTag, SignerKeysSchema, writeSignedTag } from '../../provisioning/index.js';

/** What became of a mutant: its hardware id was read, or the code with which it was refused. */
export type Fate = string;

type Random = () => number;

const UID = Buffer.from('04de5f1eacc040', 'hex');
const PAYLOAD = { keyId: 1, hwId: '00112233445566778899', model: 1, batch: 7 };
const USER_BYTES = 144;
const USER_AT = 16;
/** UID and container of two calls, and the user area by 16 bytes. */
const MOST_APDUS = 2 * 2 + USER_BYTES / 16;
const MOST_CHANGES = 6;
const EXPECTED_CODE = /^(ndef\.(malformed|too-long|unsupported)|tag\.[a-z-]+)$/;
/** Tag of the TLV that holds the message. Source: NFC Forum, Type 2 Tag, section 2.3. */
const MESSAGE = 0x03;
/** First and last of its message, not short, of a well-known type. Source: NFC Forum, NDEF, section 3.2. */
const LONG_RECORD = 0xc1;
/** Bytes that mean something somewhere in a tag's memory. */
const TELLING = [0x00, 0x01, 0x02, 0x03, 0x10, 0x7f, 0x80, 0xc0, 0xd1, 0xd4, 0xfd, 0xfe, 0xff] as const;
const REWRITTEN = encodeNdef([{ kind: 'uri', uri: 'https://ink.let/h' }]);

/**
 * Damages the memory of a signed tag in so many ways, reads each as a hub does, and gives how many met which fate. Each
 * has to be refused by a code, or to be read as what was signed; no read may take longer than a whole one, or write.
 */
export async function fatesOfMutants(count: number, seed: number): Promise<Map<Fate, number>> {
  const random = seededRandom(seed);
  const { privateKey } = generateKeyPairSync('ed25519');
  const { x } = createPublicKey(privateKey).export({ format: 'jwk' });
  const key = { keyId: 1, publicKey: x, batches: [{ from: 1, to: 10 }], revoked: false };
  const keys = SignerKeysSchema.parse({ keys: [key] });
  const bench = new SimNfcReader();
  const tag = new Ntag21x({ uid: UID });
  bench.place(tag);
  await writeSignedTag(bench, { privateKey, payload: PAYLOAD, url: 'https://ink.let/h', lock: false });
  const sound = tag.dump().slice(USER_AT, USER_AT + USER_BYTES);
  const fates = new Map<Fate, number>();
  for (let number = 0; number < count; number += 1) {
    const mutant = mutantOf(sound, random);
    tag.damage(mutant);
    const held = tag.dump();
    let apdus = 0;
    const counted: NfcReader = {
      atr: () => bench.atr(),
      transmit: (apdu) => {
        apdus += 1;
        return bench.transmit(apdu);
      },
    };
    const fate = await readSignedTag(counted, { keys }).then(({ hwId }) => hwId, codeOf);
    const name = `mutant ${number} of seed ${seed}: ${Buffer.from(mutant).toString('hex')}`;
    if (fate !== PAYLOAD.hwId) expect(fate, name).toMatch(EXPECTED_CODE);
    expect(apdus, name).toBeLessThanOrEqual(MOST_APDUS);
    expect(Buffer.compare(tag.dump(), held), name).toBe(0);
    requireWritable(mutant, name);
    fates.set(fate, (fates.get(fate) ?? 0) + 1);
  }
  return fates;
}

/** Whatever a tag holds, a new message can be laid over it and is found again. */
function requireWritable(area: Uint8Array, name: string): void {
  const laid = layOut(REWRITTEN, area);
  expect(laid.bytes.length, name).toBeLessThanOrEqual(area.length);
  expect(ndefIn(laid.bytes), name).toEqual(REWRITTEN);
}

function codeOf(error: unknown): string {
  if (error instanceof HardwareError || error instanceof ProvisioningError) return error.code;
  return `no error of ours: ${String(error)}`;
}

function mutantOf(sound: Uint8Array, random: Random): Uint8Array {
  if (random() < 0.05) return sound.map(() => random() * 0x100);
  const mutant = Uint8Array.from(sound);
  if (random() < 0.1) oversize(mutant, random);
  for (let change = random() * MOST_CHANGES; change > 0; change -= 1) damage(mutant, random);
  return mutant;
}

/** Claims to be longer than the tag is: the message by its three-byte length, or its first record by four bytes. */
function oversize(area: Uint8Array, random: Random): void {
  const length = area.length + Math.floor(random() * 0xf000);
  const isMessage = random() < 0.5;
  const start = area.indexOf(MESSAGE);
  if (isMessage) area.set([MESSAGE, 0xff, length >> 8, length & 0xff], start);
  else area.set([LONG_RECORD, 0x01, 0, 0, length >> 8, length & 0xff], start + 2);
}

function damage(area: Uint8Array, random: Random): void {
  // Heads and lengths stand at the front.
  const at = Math.floor((random() < 0.5 ? 16 : area.length) * random());
  const length = Math.floor(random() * (area.length - at));
  const kind = random();
  if (kind < 0.3) area[at] = (area[at] ?? 0) ^ (1 << Math.floor(random() * 8));
  else if (kind < 0.6) area[at] = TELLING[Math.floor(random() * TELLING.length)] ?? 0;
  else if (kind < 0.7) area[at] = random() * 0x100;
  else if (kind < 0.8) area.copyWithin(at, Math.floor(random() * area.length));
  else if (kind < 0.9) area.copyWithin(Math.min(area.length - 1, at + 1 + Math.floor(random() * 4)), at);
  else area.fill(random() < 0.5 ? 0x00 : 0xff, at, at + length);
}
