import { z } from 'zod';
import { CLOUD_NAMES, CLOUD_USAGE, cloudFlags, cloudFrom } from '../cloud/cloud-flags.js';
import type { Command, Tool } from '../command.js';
import { EXIT, type ExitCode } from '../exit-codes.js';
import { readFlags, secondsFlag, someText, wholeNumber } from '../flags.js';
import { readSigningKey } from '../input-files.js';
import { Journal } from '../journal/journal.js';
import { READER_NAMES, READER_USAGE, readerFlags } from '../reader/reader-flags.js';
import { ORDER_NAMES, ORDER_USAGE, orderFlags, type Permit, permitFrom } from '../tags/permit.js';
import type { TagWish } from '../tags/settle-tag.js';
import { signerFor } from '../tags/signer.js';
import { batchFlag, MAKE_NAMES, MAKE_USAGE, makeFlags, readSignerKeys } from '../tags/tag-flags.js';
import { writeOutput } from '../write-output.js';
import { refuseDoneBox, standingWords } from './begun-box.js';
import { Box } from './box.js';
import { BoxFollower } from './box-follower.js';
import { stageOf } from './hub-stage.js';
import { TagQueue } from './next-tag.js';
import { provisionBox } from './provision-box.js';
import { boxReport, REPORT_FORMS } from './report.js';

const MAX_HUBS = 10_000;
const BOX = 'box';

const FlagsSchema = z.object({
  ...makeFlags,
  ...cloudFlags,
  ...orderFlags,
  ...readerFlags,
  batch: batchFlag.optional(),
  wait: secondsFlag(300),
  count: wholeNumber(1, MAX_HUBS),
  box: someText().max(100, 'is longer than 100 characters').optional(),
  report: z
    .array(
      z.string().refine((file) => REPORT_FORMS.some((form) => file.endsWith(form)), 'ends neither in .csv nor .json'),
    )
    .default([]),
  'no-lock': z.boolean().default(false),
  rewrite: z.boolean().default(false),
});

type Flags = z.infer<typeof FlagsSchema>;

const NAMES = {
  text: [...MAKE_NAMES, ...CLOUD_NAMES, ...ORDER_NAMES, ...READER_NAMES, 'count', 'box'],
  list: ['report'],
  yes: ['no-lock', 'rewrite'],
};

/** Provisions a whole box of hubs. */
export const provision: Command = {
  summary: 'a whole box of hubs, one tap each: tag, registration, and how far each has come',
  usage: `--count N [--batch N] [--cloud URL] [more]

  --count N               how many hubs are in the box
  --box NAME              its name in the journal, by which a later run goes on with it (${BOX})
  --report FILE           what became of them, as .csv or .json; may be given more than once
  --rewrite               also tags that are ours already, or hold something else
  Without --batch no tag is made: those of the factory are verified.
${MAKE_USAGE}${CLOUD_USAGE}${ORDER_USAGE}${READER_USAGE.replace(/--wait.*/, '--wait SECONDS          with --cloud: for how long to wait for the last hubs to come online (300)')}`,
  run: async (argv, tool) => {
    const { flags } = readFlags(argv, NAMES, FlagsSchema);
    const permit = await permitFrom(tool.clock, flags);
    const cloud = await cloudFrom(tool, flags, permit.token);
    const wish = await wishFrom(flags);
    const journal = await Journal.open(flags.journal, tool.clock);
    try {
      const { count, box: name = BOX } = flags;
      const box = new Box({ name, count, journal, output: tool.output, hasCloud: cloud !== undefined });
      // A report that cannot be written is told before the first tap.
      await writeReports(box, flags.report, tool.clock.now());
      const follower = cloud && new BoxFollower({ ...tool, cloud, box, journal });
      if (flags.box === undefined) await refuseDoneBox(box, follower, tool.signal);
      return await work({ flags, permit, wish, journal, box, follower }, tool);
    } finally {
      await journal.close();
    }
  },
};

type Work = {
  flags: Flags;
  permit: Permit;
  wish: TagWish;
  journal: Journal;
  box: Box;
  follower: BoxFollower | undefined;
};

async function wishFrom(flags: Flags): Promise<TagWish> {
  const { batch, model, url, rewrite, box = BOX } = flags;
  const keys = await readSignerKeys(flags.keys);
  const signer = batch === undefined ? undefined : signerFor(await readSigningKey(flags['signing-key']), keys, batch);
  return { keys, signer, model, batch: batch ?? 0, url, lock: !flags['no-lock'], rewrite, takesOurs: true, box };
}

async function work({ flags, permit, wish, journal, box, follower }: Work, tool: Tool): Promise<ExitCode> {
  const { clock, output, randomBytes } = tool;
  const { reader: readerName, 'hardware-socket': hardwareSocket } = flags;
  const reader = tool.openReader({ readerName, hardwareSocket });
  // Whichever of the two loops fails ends the other.
  const over = new AbortController();
  const signal = AbortSignal.any([tool.signal, over.signal]);
  const enough = new AbortController();
  const following = follower?.follow(AbortSignal.any([signal, enough.signal])).catch((error: unknown) => {
    if (!enough.signal.aborted) over.abort(error);
  });
  try {
    box.tell();
    output.aside(standingWords(box));
    const tags = new TagQueue({ reader, clock, output });
    const tag = { reader, journal, permit, randomBytes, signal };
    const refused = await provisionBox({ box, wish, tag, tags, follower, output });
    await lastOnline(following, flags.wait, box, tool);
    enough.abort();
    await following;
    over.signal.throwIfAborted();
    await follower?.round(signal);
    return await conclude(box, refused, flags, tool);
  } catch (error) {
    if (!tool.signal.aborted) throw over.signal.aborted ? over.signal.reason : error;
    await conclude(box, 0, flags, tool);
    throw error;
  } finally {
    over.abort();
    reader.close();
    await following;
  }
}

/** Every tag is done; the last hubs may still be starting. */
async function lastOnline(following: Promise<void> | undefined, waitS: number, box: Box, tool: Tool): Promise<void> {
  if (following === undefined) return;
  const { clock, output, signal } = tool;
  if (waitS > 0) output.aside(`All ${box.count} tags are done. Waiting for the hubs to come online; Ctrl-C ends it.`);
  const enough = new AbortController();
  const limit = clock
    .sleep(waitS * 1000, AbortSignal.any([enough.signal, signal]))
    .catch(() => signal.throwIfAborted());
  try {
    await Promise.race([following, limit]);
  } finally {
    enough.abort();
  }
}

async function writeReports(box: Box, files: readonly string[], nowMs: number): Promise<void> {
  for (const file of files) await writeOutput(file, boxReport(box, file, nowMs));
}

async function conclude(box: Box, refused: number, { report, wait }: Flags, tool: Tool): Promise<ExitCode> {
  const { clock, output } = tool;
  await writeReports(box, report, clock.now());
  const stages = box.hubs.map(stageOf);
  const count = (...wanted: string[]) => stages.filter((stage) => wanted.includes(stage)).length;
  const online = count('online');
  const registered = count('registered', 'certificate-issued', 'certificate-refused', 'online');
  const ok = registered === box.count && (wait === 0 || online === box.count);
  const numbers = { tagged: stages.length, registered, online, queued: count('queued'), refused: count('refused') };
  const said = Object.entries(numbers).map(([what, number]) => `${number} ${what}`);
  const value = {
    ok,
    event: 'box',
    box: box.name,
    count: box.count,
    ...numbers,
    refusedTags: refused,
    reports: report,
  };
  output.result(value, `${box.count} hubs in the ${box.name}: ${said.join(', ')}`);
  return ok ? EXIT.done : EXIT.partly;
}
