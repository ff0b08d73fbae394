import path from 'node:path';
import { z } from 'zod';
import { ProvisioningError } from '../../errors.js';
import { HwIdSchema, LANDING_PAGE } from '../../hw-id/index.js';
import type { Command, Tool } from '../command.js';
import { EXIT } from '../exit-codes.js';
import { badOption, readFlags, someText, wholeNumber } from '../flags.js';
import { readJournal } from '../journal/journal.js';
import { journalFlag } from '../tags/tag-flags.js';
import { writeOutput } from '../write-output.js';
import { labelsPdf } from './label-pdf.js';
import { labelPagePng } from './label-png.js';
import { type LabelFacts, type LabelText, labelText } from './label-text.js';
import { pagesOf, SHEET_NAMES, SHEETS } from './sheets.js';

const MAX_SKIP = 23;

const FlagsSchema = z.object({
  'hw-id': z.array(HwIdSchema).default([]),
  box: someText().optional(),
  journal: journalFlag,
  out: someText()
    .regex(/\.(pdf|png)$/, 'ends neither in .pdf nor .png')
    .default('labels.pdf'),
  sheet: z.enum(SHEET_NAMES, `is none of ${SHEET_NAMES.join(', ')}`).default('a4-21'),
  skip: wholeNumber(0, MAX_SKIP).default(0),
  url: z.url('is no address').default(LANDING_PAGE),
});

type Flags = z.infer<typeof FlagsSchema>;

const NAMES = { text: ['box', 'journal', 'out', 'sheet', 'skip', 'url'], list: ['hw-id'] };

const sheetLines = SHEET_NAMES.map((name) => `                            ${name}: ${SHEETS[name].what}`).join('\n');

/** Draws labels for the back of hubs. */
export const label: Command = {
  summary: 'labels with a QR code for the backs of hubs, as PDF or PNG',
  usage: `[--hw-id ID] [--box NAME] [--out labels.pdf] [more]

  --hw-id ID              which hardware; may be given more than once (all in the journal)
  --box NAME              the hubs of this box
  --out FILE              labels.pdf, or labels.png with a picture for each sheet (labels.pdf)
  --sheet NAME            what is printed on (a4-21)
${sheetLines}
  --skip N                places of the first sheet that are used already (0)
  --url URL               the page that the QR code opens (${LANDING_PAGE})
  --journal FILE          what was made (inklet-journal.jsonl)
`,
  run: async (argv, tool) => {
    const { flags } = readFlags(argv, NAMES, FlagsSchema);
    const { sheet, skip } = flags;
    const { columns, rows } = SHEETS[sheet];
    if (skip >= columns * rows) throw badOption(`--skip: the sheet has ${columns * rows} places`);
    const facts = await factsFrom(flags);
    if (facts.length === 0)
      throw new ProvisioningError('tech.nothing-to-print', `there is nothing in ${flags.journal}`);
    const texts = facts.map((fact) => labelText(fact, flags.url));
    const files = flags.out.endsWith('.pdf') ? await writePdf(texts, flags, tool) : await writePngs(texts, flags);
    const hwIds = facts.map(({ hwId }) => hwId);
    tool.output.result(
      { ok: true, labels: hwIds.length, hwIds, files },
      `${hwIds.length} labels in ${files.join(', ')}`,
    );
    return EXIT.done;
  },
};

async function factsFrom(flags: Flags): Promise<LabelFacts[]> {
  const known = await readJournal(flags.journal);
  const byName = flags['hw-id'].map((hwId) => known.find((record) => record.hwId === hwId) ?? { hwId });
  if (byName.length > 0) return byName;
  const made = known.filter(({ tagged }) => tagged !== undefined);
  return flags.box === undefined ? made : made.filter(({ box }) => box === flags.box);
}

async function writePdf(texts: LabelText[], { out, sheet, skip }: Flags, { clock }: Tool): Promise<string[]> {
  await writeOutput(out, await labelsPdf(texts, { sheet: SHEETS[sheet], skip, madeAt: new Date(clock.now()) }));
  return [out];
}

async function writePngs(texts: LabelText[], { out, sheet, skip }: Flags): Promise<string[]> {
  const pages = pagesOf(texts, SHEETS[sheet], skip);
  const { dir, name, ext } = path.parse(out);
  const files: string[] = [];
  for (const [at, page] of pages.entries()) {
    const file = pages.length === 1 ? out : path.join(dir, `${name}-${at + 1}${ext}`);
    await writeOutput(file, await labelPagePng(page, SHEETS[sheet]));
    files.push(file);
  }
  return files;
}
