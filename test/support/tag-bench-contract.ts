import { createPublicKey, generateKeyPairSync } from 'node:crypto';
import { expect } from 'vitest';
import { Ntag21x, Ntag424 } from '../../device-sim/index.js';
import { type NdefRecord, Ntag, readNdefFile } from '../../hardware/index.js';
import {
  diversifiedKey,
  readSignedTag,
  SignerKeysSchema,
  sunIn,
  verifySun,
  writeSignedTag,
} from '../../provisioning/index.js';
import type { TagBench } from './tag-benches.js';

const OLD: NdefRecord[] = [{ kind: 'uri', uri: 'https://example.com/old' }];
const NEW: NdefRecord[] = [
  { kind: 'external', type: 'inklet.app:h', payload: new Uint8Array(20).fill(0x5a) },
  { kind: 'uri', uri: 'https://ink.let/h' },
];
const PAYLOAD = { keyId: 1, hwId: '00112233445566778899', model: 1, batch: 7 };

type Model = 'ntag213' | 'ntag216';

/** What every reader does, whatever wire it is on. */
export const TAG_BENCH_CONTRACT: Record<string, (bench: TagBench) => Promise<void>> = {
  'an empty reader is an error of its own': async (bench) => {
    expect(await bench.reader.atr()).toBeUndefined();
    await expect(new Ntag(bench).readNdef()).rejects.toMatchObject({ code: 'nfc.no-tag' });
  },

  'an NTAG213 says what it is, and is read as it was written': (bench) => writtenIsRead(bench, 'ntag213', 144),
  'an NTAG216 says what it is, and is read as it was written': (bench) => writtenIsRead(bench, 'ntag216', 872),

  'a signed tag proves what was written, and is locked for ever': async (bench) => {
    const { privateKey } = generateKeyPairSync('ed25519');
    const { x } = createPublicKey(privateKey).export({ format: 'jwk' });
    const key = { keyId: 1, publicKey: x, batches: [{ from: 1, to: 10 }], revoked: false };
    const keys = SignerKeysSchema.parse({ keys: [key] });
    await bench.place(tagOf('04de5f1eacc040'));
    const tag = { privateKey, payload: PAYLOAD, url: 'https://ink.let/h', lock: true };
    await writeSignedTag(bench.reader, tag);
    expect(await readSignedTag(bench.reader, { keys })).toMatchObject(PAYLOAD);
    await expect(writeSignedTag(bench.reader, tag)).rejects.toMatchObject({ code: 'nfc.tag-locked' });
  },

  'a tag that is torn in the first write holds nothing': (bench) => departed(bench, 'torn', 0, []),
  'a tag that is lifted before the first write holds the old': (bench) => departed(bench, 'lifted', 0, OLD),
  'a tag that is torn in the middle holds nothing': (bench) => departed(bench, 'torn', 3, []),
  'a tag that is lifted before the last write holds nothing': (bench) => departed(bench, 'lifted', 11, []),

  'a tag in place of another is another': async (bench) => {
    const ntag = new Ntag(bench);
    await bench.place(tagOf('04de5f1eacc040'));
    expect(await ntag.info()).toMatchObject({ uid: '04de5f1eacc040' });
    await bench.place(tagOf('04000000000001'));
    expect(await ntag.info()).toMatchObject({ uid: '04000000000001' });
    await bench.remove();
    await expect(ntag.info()).rejects.toMatchObject({ code: 'nfc.no-tag' });
  },

  'an NTAG 424 DNA proves each read once': async (bench) => {
    const uid = '04de5f1eacc040';
    const [metaKey, master] = [new Uint8Array(16).fill(1), new Uint8Array(16).fill(2)];
    const fileKeyOf = (tagUid: string) => diversifiedKey(master, tagUid, Buffer.from('inklet'));
    const made = { uid: Buffer.from(uid, 'hex'), link: 'https://ink.let/s', metaKey, fileKey: fileKeyOf(uid) };
    const tag = new Ntag424({ ...made, random: () => 0.5 });
    await bench.place(tag);
    await expect(new Ntag(bench).info()).rejects.toMatchObject({ code: 'nfc.unsupported-tag' });
    const reads = [await readNdefFile(bench.reader), await readNdefFile(bench.reader)];
    const suns = reads.map(([record]) => (record?.kind === 'uri' ? sunIn(record.uri) : undefined));
    const verdicts = suns.map((sun, at) => verifySun(sun, { metaKey, fileKeyOf }, () => (at === 0 ? undefined : 1)));
    expect(verdicts).toEqual([1, 2].map((counter) => ({ ok: true, tagUid: uid, counter })));
    const replayed = verifySun(suns[0], { metaKey, fileKeyOf }, () => 2);
    expect(replayed).toEqual({ ok: false, reason: 'sun.replayed' });
    await bench.place(tagOf(uid));
    await expect(readNdefFile(bench.reader)).rejects.toMatchObject({ code: 'nfc.unsupported-tag' });
  },

  'a write that the tag took although the reader denies it counts': async (bench) => {
    await bench.place(tagOf('04de5f1eacc040'));
    bench.faults.deniesWrites = true;
    await new Ntag(bench).writeNdef(OLD);
    expect(await new Ntag(bench).readNdef()).toEqual(OLD);
  },

  'a write that the tag refuses is a failed write, and the tag can still be read': async (bench) => {
    const tag = tagOf('04de5f1eacc040');
    tag.command(Buffer.from('a20200002000', 'hex'));
    await bench.place(tag);
    await expect(new Ntag(bench).writeNdef(OLD)).rejects.toMatchObject({ code: 'nfc.write-failed' });
    expect(await new Ntag(bench).readNdef()).toEqual([]);
  },

  'a read that is answered by one byte finds no tag': (bench) => misread(bench, '90', 'nfc.no-tag'),
  'a read that is answered by a status alone has failed': (bench) => misread(bench, '9000', 'nfc.read-failed'),
  'a read that is answered by more than was asked for has failed': (bench) =>
    misread(bench, `${'ff'.repeat(300)}9000`, 'nfc.read-failed'),
  'a read that is answered by an unknown status has failed': (bench) => misread(bench, 'dead', 'nfc.read-failed'),
  'a read that is answered by garbage finds garbage': (bench) =>
    misread(bench, `${'a5'.repeat(16)}9000`, 'ndef.malformed'),
};

async function writtenIsRead(bench: TagBench, model: Model, userBytes: number): Promise<void> {
  await bench.place(tagOf('04de5f1eacc040', model));
  const ntag = new Ntag(bench);
  expect(await ntag.info()).toEqual({ model, uid: '04de5f1eacc040', userBytes, locked: false });
  await ntag.writeNdef(OLD);
  expect(await ntag.readNdef()).toEqual(OLD);
}

async function departed(bench: TagBench, how: 'torn' | 'lifted', afterWrites: number, held: object[]): Promise<void> {
  const tag = tagOf('04de5f1eacc040');
  await bench.place(tag);
  const ntag = new Ntag(bench);
  await ntag.writeNdef(OLD);
  tag.departLater({ how, afterWrites });
  await expect(ntag.writeNdef(NEW)).rejects.toMatchObject({ code: 'nfc.no-tag' });
  await bench.place(tag);
  expect(await ntag.readNdef()).toEqual(held);
}

async function misread(bench: TagBench, said: string, code: string): Promise<void> {
  await bench.place(tagOf('04de5f1eacc040'));
  const ntag = new Ntag(bench);
  const isTheRead = (apdu: Uint8Array) => Buffer.from(apdu).toString('hex') === 'ffb0000410';
  bench.faults.says = (apdu) => (isTheRead(apdu) ? Buffer.from(said, 'hex') : undefined);
  await expect(ntag.readNdef()).rejects.toMatchObject({ code });
  bench.faults.says = () => undefined;
  expect(await ntag.readNdef()).toEqual([]);
}

function tagOf(uid: string, model: Model = 'ntag213'): Ntag21x {
  return new Ntag21x({ uid: Buffer.from(uid, 'hex'), model });
}
