import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { HwIdSchema } from '../hw-id/index.js';
import {
  issueWorkOrder,
  readWorkOrder,
  WORK_ORDER_ACTIONS,
  WORK_ORDER_MAX_HW_IDS,
  type WorkOrder,
  WorkOrderKeysSchema,
} from '../work-order/index.js';
import type { Command, Tool } from './command.js';
import { EXIT } from './exit-codes.js';
import { badOption, readFlags, someText, wholeNumber } from './flags.js';
import { readInput, readJsonInput, readSigningKey } from './input-files.js';
import { batchRangesFlag } from './key-ranges.js';
import { permitFrom } from './tags/permit.js';
import { listedKey } from './tags/signer.js';
import { writeOutput } from './write-output.js';

const HOUR_MS = 60 * 60 * 1000;
const MAX_HOURS = 24;

const ActionsSchema = z.array(
  z.enum(WORK_ORDER_ACTIONS, `is none of ${WORK_ORDER_ACTIONS.join(', ')}; give the flag once for each`),
);

const FlagsSchema = z.object({
  technician: someText().optional(),
  key: someText().default('work-order-key.pem'),
  keys: someText().default('work-order-keys.json'),
  out: someText().default('work-order.txt'),
  hours: wholeNumber(1, MAX_HOURS).default(12),
  'hw-id': z.array(HwIdSchema).default([]),
  'hw-ids': someText().optional(),
  batches: batchRangesFlag.default([]),
  may: ActionsSchema.default([...WORK_ORDER_ACTIONS]),
});

type Flags = z.infer<typeof FlagsSchema>;

const NAMES = { text: ['technician', 'key', 'keys', 'out', 'hours', 'hw-ids'], list: ['hw-id', 'batches', 'may'] };

/** Signs work orders, and shows what is on one. */
export const workOrder: Command = {
  summary: 'issues a signed work order for a day, or shows one',
  usage: `issue --technician NAME (--hw-id ID | --hw-ids FILE | --batches FROM-TO) [more]
  inklet-tech work-order show FILE [--keys FILE]

  --technician NAME       for whom it is
  --hw-id ID              what it lists; may be given more than once
  --hw-ids FILE           the same from a file, one on a line; up to ${WORK_ORDER_MAX_HW_IDS} in all
  --batches FROM-TO       whole batches; may be given more than once
  --may ACTION            ${WORK_ORDER_ACTIONS.join(', ')}; may be given more than once (all)
  --hours N               for how long it is good, up to ${MAX_HOURS} (12)
  --out FILE              where it is written, for the technician alone to read (work-order.txt)
  --key FILE              the key that signs it (work-order-key.pem)
  --keys FILE             the allow list of the keys that sign work orders (work-order-keys.json)
`,
  run: async (argv, tool) => {
    const { flags, words } = readFlags(argv, NAMES, FlagsSchema, { positionals: 2 });
    const [what, file] = words;
    if (what === 'show' && file !== undefined) return await show(file, flags, tool);
    if (what === 'issue' && file === undefined) return await issue(flags, tool);
    throw badOption('work-order issue, or work-order show FILE');
  },
};

async function issue(flags: Flags, { clock, output }: Tool) {
  const { technician, hours, out, batches, may } = flags;
  if (technician === undefined) throw badOption('--technician is needed');
  const keys = await readJsonInput(flags.keys, 'the allow list of work orders', WorkOrderKeysSchema);
  const privateKey = await readSigningKey(flags.key);
  const { keyId } = listedKey(privateKey, keys.keys, 'work-order');
  const nowMs = clock.now();
  const order: WorkOrder = {
    v: 1,
    id: randomUUID(),
    keyId,
    technician,
    issuedAt: new Date(nowMs).toISOString(),
    expiresAt: new Date(nowMs + hours * HOUR_MS).toISOString(),
    hwIds: [...new Set([...flags['hw-id'], ...(await hwIdsIn(flags['hw-ids']))])],
    batches,
    may: [...new Set(may)],
  };
  await writeOutput(out, `${issueWorkOrder(order, privateKey)}\n`);
  output.result({ ok: true, file: out, order }, `${orderWords(order)}\n  in ${out}: whoever has it may do this`);
  return EXIT.done;
}

async function show(file: string, flags: Flags, { clock, output }: Tool) {
  const order = readWorkOrder((await readInput(file, 'the work order')).trim());
  if (order !== undefined) output.aside(orderWords(order));
  const { keys, technician } = flags;
  await permitFrom(clock, { 'work-order': file, 'work-order-keys': keys, technician });
  output.result({ ok: true, order }, 'good');
  return EXIT.done;
}

async function hwIdsIn(file: string | undefined): Promise<string[]> {
  if (file === undefined) return [];
  const lines = (await readInput(file, 'the list of hardware')).split(/\r?\n/).map((line) => line.trim());
  const ids = z.array(HwIdSchema).safeParse(lines.filter((line) => line !== ''));
  if (ids.success) return ids.data;
  const [issue] = ids.error.issues;
  throw badOption(`--hw-ids ${file}: hardware id ${Number(issue?.path[0] ?? 0) + 1} is ${issue?.message}`);
}

function orderWords({ technician, issuedAt, expiresAt, hwIds, batches, may, keyId }: WorkOrder): string {
  const ranges = batches.map(({ from, to }) => `${from}-${to}`).join(', ');
  return [
    `work order for ${technician}, signed by key ${keyId}`,
    `  from ${issuedAt} until ${expiresAt}`,
    `  may ${may.join(', ')}`,
    `  hardware ${hwIds.length === 0 ? 'none by name' : hwIds.join(', ')}`,
    `  batches ${ranges === '' ? 'none' : ranges}`,
  ].join('\n');
}
