import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { access, chmod, open, realpath, rm } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { ProvisioningError } from '../errors.js';
import { syncFolder, writeDurably } from '../fleet/durable-file.js';
import { SignerKeysSchema } from '../hw-id/index.js';
import { WorkOrderKeysSchema } from '../work-order/index.js';
import type { Command } from './command.js';
import { EXIT } from './exit-codes.js';
import { readFlags, someText, wholeNumber } from './flags.js';
import { readJsonInput, readSigningKey } from './input-files.js';
import { batchRangesFlag } from './key-ranges.js';
import { publicHalf } from './tags/signer.js';
import { unwritable } from './write-output.js';

const FlagsSchema = z.object({
  for: z.enum(['tags', 'work-orders'], 'is neither tags nor work-orders').default('tags'),
  out: someText().optional(),
  from: someText().optional(),
  keys: someText().optional(),
  'key-id': wholeNumber(0, 0xff).optional(),
  batches: batchRangesFlag.default([]),
});

/** What the two kinds of keys differ in. */
const KINDS = {
  tags: { out: 'signing-key.pem', keys: 'signer-keys.json', schema: SignerKeysSchema },
  'work-orders': { out: 'work-order-key.pem', keys: 'work-order-keys.json', schema: WorkOrderKeysSchema },
} as const;

const EVERY_BATCH = [{ from: 0, to: 0xffff }];
const OWNER_ONLY = 0o600;
const FOR_ALL_TO_READ = 0o644;
const MAX_KEY_ID = 0xff;

/** Makes a key that signs tags or work orders. */
export const keygen: Command = {
  summary: 'makes a key that signs tags or work orders, and lists its public half',
  usage: `[--for tags|work-orders] [more]

  --for KIND              tags or work-orders (tags)
  --out FILE              the private key, for its owner alone; never overwritten (signing-key.pem, work-order-key.pem)
  --from FILE             a private key that is there already, to be listed
  --keys FILE             the allow list that it is added to (signer-keys.json, work-order-keys.json)
  --key-id N              its number in the allow list, 0 to 255 (the next that is free)
  --batches FROM-TO       the batches that it may sign; may be given more than once (all)
`,
  run: async (argv, { output }) => {
    const names = { text: ['for', 'out', 'from', 'keys', 'key-id'], list: ['batches'] };
    const { flags } = readFlags(argv, names, FlagsSchema);
    const kind = KINDS[flags.for];
    const keysFile = flags.keys ?? kind.keys;
    const listed = await listedIn(keysFile, kind.schema);
    const keyId = freeKeyId(listed, flags['key-id'], keysFile);
    const file = flags.from ?? flags.out ?? kind.out;
    const privateKey = flags.from === undefined ? await makeKey(file) : await readSigningKey(file);
    const batches = flags.batches.length === 0 ? EVERY_BATCH : flags.batches;
    const common = { keyId, publicKey: publicHalf(privateKey), revoked: false };
    const entry = flags.for === 'tags' ? { ...common, batches } : common;
    await writeList(keysFile, { keys: [...listed, entry] });
    const said = `key ${keyId}: the private half is in ${file}, keep it here; the public half is in ${keysFile}`;
    output.result({ ok: true, for: flags.for, privateKeyFile: file, keysFile, entry }, said);
    return EXIT.done;
  },
};

type Listed = { keyId: number; publicKey: string; revoked: boolean };

async function listedIn(file: string, schema: z.ZodType<{ keys: Listed[] }>): Promise<Listed[]> {
  const isThere = await access(file).then(
    () => true,
    () => false,
  );
  return isThere ? (await readJsonInput(file, 'the allow list', schema)).keys : [];
}

function freeKeyId(listed: readonly Listed[], wanted: number | undefined, file: string): number {
  const taken = new Set(listed.map(({ keyId }) => keyId));
  const free = Array.from({ length: MAX_KEY_ID }, (_, at) => at + 1).find((keyId) => !taken.has(keyId));
  const keyId = wanted ?? free ?? MAX_KEY_ID;
  if (!taken.has(keyId)) return keyId;
  throw new ProvisioningError(
    'tech.key-id-taken',
    `${file} has a key ${keyId} already; keys are revoked, not replaced`,
  );
}

/** On the disk before anybody lists it. */
async function makeKey(file: string): Promise<KeyObject> {
  const { privateKey } = generateKeyPairSync('ed25519');
  try {
    const handle = await open(file, 'wx', OWNER_ONLY);
    try {
      await handle.writeFile(privateKey.export({ type: 'pkcs8', format: 'pem' }));
      await handle.sync();
    } catch (cause) {
      await rm(file, { force: true });
      throw cause;
    } finally {
      await handle.close();
    }
    await syncFolder(path.dirname(file));
    return privateKey;
  } catch (cause) {
    const isThere = cause instanceof Error && 'code' in cause && cause.code === 'EEXIST';
    if (isThere)
      throw new ProvisioningError('tech.file-exists', `${file} is there already; a key is never overwritten`);
    throw unwritable(file, cause);
  }
}

/** The list is public: hub and cloud run as other users. */
async function writeList(file: string, list: { keys: readonly Listed[] }): Promise<void> {
  try {
    // A link stays one.
    const whole = await realpath(file).catch(() => file);
    await writeDurably(whole, `${JSON.stringify(list, null, 2)}\n`);
    await chmod(whole, FOR_ALL_TO_READ);
  } catch (cause) {
    throw unwritable(file, cause);
  }
}
