import { randomInt } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type FaultOptions, parseFaultOptions, USAGE } from './options.js';
import type { QueueRoundResult } from './queue-round.js';
import type { RoundResult } from './round-result.js';
import { runProvisioning } from './run-provisioning.js';
import { runQueue } from './run-queue.js';
import { runRotation } from './run-rotation.js';

const EXIT_USAGE = 2;
const CAMPAIGNS = { provisioning: runProvisioning, rotation: runRotation } as const;
const SEEDS = 0x1_0000_0000;

process.exitCode = await main(process.argv.slice(2));

async function main(argv: readonly string[]): Promise<number> {
  const parsed = parseFaultOptions(argv, () => randomInt(SEEDS));
  if (!parsed.ok) {
    process.stderr.write(`${parsed.problems.join('; ')}\n\n${USAGE}`);
    return EXIT_USAGE;
  }
  if (parsed.options !== 'help') return await run(parsed.options);
  process.stdout.write(USAGE);
  return 0;
}

async function run({ what, json, ...given }: FaultOptions): Promise<number> {
  const dir = await mkdtemp(path.join(tmpdir(), 'inklet-fault-'));
  const print = (line: string) => void (json || process.stdout.write(`${line}\n`));
  const options = { ...given, dir, databaseUrl: process.env.INKLET_DATABASE_URL };
  const report =
    what === 'queue'
      ? await runQueue({ ...options, onRound: (result) => print(toldOfQueue(result)) })
      : await CAMPAIGNS[what]({ ...options, onRound: (result) => print(told(result)) });
  const { failed, ...figures } = report;
  process.stdout.write(`${JSON.stringify(failed.length === 0 ? figures : { ...figures, failed })}\n`);
  await rm(path.join(dir, 'site'), { recursive: true, force: true });
  if (failed.length === 0) await rm(dir, { recursive: true, force: true });
  return failed.length === 0 ? 0 : 1;
}

function told({ number, disturbance, problems, orphans, keysLeaked, tookMs, folder }: RoundResult): string {
  const faults = [
    ...problems,
    ...(orphans > 0 ? [`${orphans} orphans`] : []),
    ...(keysLeaked > 0 ? ['keys leaked'] : []),
  ];
  const outcome = folder === undefined ? 'whole' : `NOT AS IT MUST BE (${faults.join('; ')}): see ${folder}`;
  return `${String(number).padStart(4)}  ${(tookMs / 1000).toFixed(2).padStart(6)} s  ${disturbance}: ${outcome}`;
}

function toldOfQueue(result: QueueRoundResult): string {
  const { number, faults, enqueued, lost, duplicated, violations, tookMs, folder } = result;
  const outcome =
    folder === undefined ? 'whole' : `NOT AS IT MUST BE (${violations.slice(0, 3).join('; ')} ...): see ${folder}`;
  const figures = `${enqueued} events, ${lost} lost, ${duplicated} twice`;
  return `${String(number).padStart(4)}  ${(tookMs / 1000).toFixed(2).padStart(6)} s  ${faults}: ${figures}: ${outcome}`;
}
