import { z } from 'zod';
import { CLOUD_NAMES, cloudFlags } from '../cloud/cloud-flags.js';
import { secondsFlag, someText, wholeNumber } from '../flags.js';
import { READER_NAMES, readerFlags } from '../reader/reader-flags.js';
import { ORDER_NAMES, orderFlags } from '../tags/permit.js';
import { hwIdFlag, keysFlag } from '../tags/tag-flags.js';

/** What diagnose is told. */
export const DiagnoseFlagsSchema = z.object({
  ...cloudFlags,
  ...orderFlags,
  ...readerFlags,
  wait: secondsFlag(0),
  keys: keysFlag,
  'hw-id': hwIdFlag.optional(),
  'no-tag': z.boolean().default(false),
  hub: z.url({ protocol: /^https?$/, error: 'is no address that begins with http://' }).optional(),
  'iot-endpoint': someText().optional(),
  'iot-port': wholeNumber(1, 65_535).default(8883),
  'iot-ca': someText().optional(),
  'claim-cert': someText().optional(),
  'claim-key': someText().optional(),
  'data-dir': someText().optional(),
});

export type DiagnoseFlags = z.infer<typeof DiagnoseFlagsSchema>;

const OWN_NAMES = ['hub', 'iot-endpoint', 'iot-port', 'iot-ca', 'claim-cert', 'claim-key', 'data-dir'];

export const DIAGNOSE_NAMES = {
  text: [...CLOUD_NAMES, ...ORDER_NAMES, ...READER_NAMES, ...OWN_NAMES, 'keys', 'hw-id'],
  yes: ['no-tag'],
};
