import { z } from 'zod';
import type { NdefRecord } from '../../hardware/index.js';
import { decodeHwIdPayload } from '../hw-id/index.js';
import { readTagContent, type TagContent } from '../signed-tag.js';
import type { Command } from './command.js';
import { EXIT } from './exit-codes.js';
import { readFlags } from './flags.js';
import { READER_NAMES, READER_USAGE, readerFlags, withTag } from './reader/reader-flags.js';
import { hardwareWords } from './tags/tag-words.js';

/** Tells what is on a tag, true or not. */
export const read: Command = {
  summary: 'tells what is on the tag on the reader, without judging it',
  usage: `[more]

${READER_USAGE}`,
  run: async (argv, tool) => {
    const { flags } = readFlags(argv, { text: READER_NAMES }, z.object(readerFlags));
    const content = await withTag(tool, flags, (reader) => readTagContent(reader, tool.signal));
    const { model, uid, userBytes, locked } = content.info;
    const hardware = hardwareOn(content);
    const records = content.records.map(recordWords);
    const says = hardware === undefined ? 'no hardware id' : `${hardware.thingName} (not checked: inklet-tech verify)`;
    const chip = `${model} ${uid}, ${userBytes} bytes, ${locked ? 'locked' : 'not locked'}`;
    tool.output.result(
      { ok: true, tagUid: uid, chip: model, userBytes, locked, hardware: hardware ?? null, records },
      [chip, says, ...records.map((record) => `  ${record.kind}: ${record.says}`)].join('\n'),
    );
    return EXIT.done;
  },
};

function hardwareOn({ claim, info }: TagContent) {
  if (claim === undefined) return undefined;
  const decoded = decodeHwIdPayload(Buffer.from(claim.proof.payload, 'base64url'));
  return decoded.ok ? hardwareWords({ ...decoded.payload, tagUid: info.uid }) : undefined;
}

function recordWords(record: NdefRecord): { kind: string; says: string } {
  switch (record.kind) {
    case 'uri':
      return { kind: 'link', says: record.uri };
    case 'text':
      return { kind: 'text', says: record.text };
    case 'external':
      return { kind: record.type, says: `${record.payload.length} bytes` };
    case 'empty':
      return { kind: 'empty', says: 'nothing' };
    case 'other':
      return { kind: 'other', says: `${record.payload.length} bytes` };
  }
}
