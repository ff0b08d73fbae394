import { z } from 'zod';
import { judgeTag, readTagContent } from '../signed-tag.js';
import type { Command } from './command.js';
import { EXIT } from './exit-codes.js';
import { readFlags } from './flags.js';
import { READER_NAMES, READER_USAGE, readerFlags, withTag } from './reader/reader-flags.js';
import { keysFlag, readSignerKeys } from './tags/tag-flags.js';
import { hardwareWords } from './tags/tag-words.js';

const FlagsSchema = z.object({ ...readerFlags, keys: keysFlag });

/** Judges the tag on the reader as a hub would. */
export const verify: Command = {
  summary: 'checks the tag on the reader against the allow list, without any network',
  usage: `[--keys FILE] [more]

  --keys FILE             the allow list of signing keys (signer-keys.json)
${READER_USAGE}`,
  run: async (argv, tool) => {
    const { flags } = readFlags(argv, { text: [...READER_NAMES, 'keys'] }, FlagsSchema);
    const keys = await readSignerKeys(flags.keys);
    const content = await withTag(tool, flags, (reader) => readTagContent(reader, tool.signal));
    const { locked, uid: tagUid } = content.info;
    const words = hardwareWords({ ...judgeTag(content, keys), tagUid });
    const said = `${words.thingName}: genuine, signed by key ${words.keyId} for the tag ${tagUid}`;
    tool.output.result({ ok: true, ...words, locked }, `${said}${locked ? '' : '; not locked'}`);
    return EXIT.done;
  },
};
