import { z } from 'zod';
import { judgeTag, readTagContent } from '../signed-tag.js';
import { CLOUD_NAMES, CLOUD_USAGE, cloudFlags, cloudFrom } from './cloud/cloud-flags.js';
import type { Command } from './command.js';
import { EXIT } from './exit-codes.js';
import { badOption, readFlags } from './flags.js';
import { READER_NAMES, READER_USAGE, readerFlags, withTag } from './reader/reader-flags.js';
import { ORDER_NAMES, ORDER_USAGE, orderFlags, permitFrom } from './tags/permit.js';
import { hwIdFlag, keysFlag, readSignerKeys } from './tags/tag-flags.js';

const FlagsSchema = z.object({
  ...cloudFlags,
  ...orderFlags,
  ...readerFlags,
  keys: keysFlag,
  'hw-id': hwIdFlag.optional(),
});

const NAMES = { text: [...CLOUD_NAMES, ...ORDER_NAMES, ...READER_NAMES, 'keys', 'hw-id'] };

/** Lets a hub be provisioned once more. */
export const ticket: Command = {
  summary: 'asks the cloud to let a hub be provisioned once more, within a day',
  usage: `--cloud URL --work-order FILE [--hw-id ID] [more]

  --hw-id ID              the hardware (the one whose tag lies on the reader)
  --keys FILE             the allow list of signing keys, to check that tag (signer-keys.json)
${CLOUD_USAGE}${ORDER_USAGE}${READER_USAGE}`,
  run: async (argv, tool) => {
    const { flags } = readFlags(argv, NAMES, FlagsSchema);
    const { clock, output, signal } = tool;
    const permit = await permitFrom(clock, flags);
    const cloud = await cloudFrom(tool, flags, permit.token);
    if (cloud === undefined) throw badOption('--cloud is needed');
    const hardware = await hardwareFrom(flags, tool);
    permit.require({ action: 'reprovision', ...hardware });
    const { hwId, expiresAt } = await cloud.ticket(hardware.hwId, signal);
    output.result({ ok: true, hwId, expiresAt }, `${hwId} may be provisioned once more until ${expiresAt}`);
    return EXIT.done;
  },
};

async function hardwareFrom(
  flags: z.infer<typeof FlagsSchema>,
  tool: Parameters<Command['run']>[1],
): Promise<{ hwId: string; batch?: number }> {
  const hwId = flags['hw-id'];
  if (hwId !== undefined) return { hwId };
  const keys = await readSignerKeys(flags.keys);
  return judgeTag(await withTag(tool, flags, (reader) => readTagContent(reader, tool.signal)), keys);
}
