import { z } from 'zod';
import type { Command } from './command.js';
import { EXIT } from './exit-codes.js';
import { readFlags } from './flags.js';
import { readSigningKey } from './input-files.js';
import { Journal } from './journal/journal.js';
import { READER_NAMES, READER_USAGE, readerFlags, withTag } from './reader/reader-flags.js';
import { ORDER_NAMES, ORDER_USAGE, orderFlags, permitFrom } from './tags/permit.js';
import { settleTag } from './tags/settle-tag.js';
import { signerFor } from './tags/signer.js';
import { hwIdFlag, MAKE_NAMES, MAKE_USAGE, makeFlags, readSignerKeys } from './tags/tag-flags.js';
import { hardwareWords } from './tags/tag-words.js';

const FlagsSchema = z.object({
  ...makeFlags,
  ...orderFlags,
  ...readerFlags,
  'hw-id': hwIdFlag.optional(),
  'no-lock': z.boolean().default(false),
  rewrite: z.boolean().default(false),
});

const NAMES = {
  text: [...MAKE_NAMES, ...ORDER_NAMES, ...READER_NAMES, 'hw-id'],
  yes: ['no-lock', 'rewrite'],
};

/** Makes one tag. */
export const makeTag: Command = {
  summary: 'signs a hardware id for the tag on the reader, writes it, reads it back and locks the tag',
  usage: `--batch N [more]

  --hw-id ID              20 hex digits (random)
  --rewrite               also over a tag that is ours already, or holds something else
${MAKE_USAGE}${ORDER_USAGE}${READER_USAGE}`,
  run: async (argv, tool) => {
    const { flags } = readFlags(argv, NAMES, FlagsSchema);
    const { batch, model, url, rewrite, 'hw-id': hwId } = flags;
    const lock = !flags['no-lock'];
    const permit = await permitFrom(tool.clock, flags);
    const keys = await readSignerKeys(flags.keys);
    const signer = signerFor(await readSigningKey(flags['signing-key']), keys, batch);
    const journal = await Journal.open(flags.journal, tool.clock);
    try {
      const { how, record } = await withTag(tool, flags, (reader) =>
        settleTag(
          { keys, signer, model, batch, hwId, url, lock, rewrite, takesOurs: false },
          { reader, journal, permit, randomBytes: tool.randomBytes, signal: tool.signal },
        ),
      );
      const words = hardwareWords(record);
      const said = `${words.thingName}: hardware id ${record.hwId} ${how} on the tag ${record.tagUid}`;
      tool.output.result({ ok: true, how, ...words, locked: lock }, `${said}${lock ? ', locked' : ', not locked'}`);
      return EXIT.done;
    } finally {
      await journal.close();
    }
  },
};
