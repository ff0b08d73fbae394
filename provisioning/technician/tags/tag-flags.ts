import { z } from 'zod';
import { HwIdSchema, LANDING_PAGE, type SignerKeys, SignerKeysSchema } from '../../hw-id/index.js';
import { someText, wholeNumber } from '../flags.js';
import { readJsonInput } from '../input-files.js';

export const MAKE_NAMES = ['signing-key', 'keys', 'batch', 'model', 'url', 'journal'] as const;

export const keysFlag = someText().default('signer-keys.json');
export const journalFlag = someText().default('inklet-journal.jsonl');
export const batchFlag = wholeNumber(0, 0xffff);
export const hwIdFlag = z.string('is needed').pipe(HwIdSchema);

export const makeFlags = {
  'signing-key': someText().default('signing-key.pem'),
  keys: keysFlag,
  batch: batchFlag,
  model: wholeNumber(0, 0xff).default(1),
  url: z.url('is no address').default(LANDING_PAGE),
  journal: journalFlag,
};

export const MAKE_USAGE = `  --batch N               the batch of the hardware, 0 to 65535
  --model N               its model, 0 to 255 (1)
  --signing-key FILE      the key that signs tags (signing-key.pem)
  --keys FILE             the allow list of signing keys (signer-keys.json)
  --url URL               what a phone opens (${LANDING_PAGE})
  --journal FILE          what was done, for later runs and for sync (inklet-journal.jsonl)
  --no-lock               leave the tag writable
`;

/** @throws ProvisioningError `tech.file-unreadable` */
export async function readSignerKeys(file: string): Promise<SignerKeys> {
  return await readJsonInput(file, 'the allow list', SignerKeysSchema);
}
