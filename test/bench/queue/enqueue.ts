import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import Sqlite from 'better-sqlite3';
import type { Outbox } from '../../../hub/storage/outbox.js';
import { type Figure, hundredths, median, quantile } from '../figure.js';
import { openBenchStore } from './bench-store.js';
import { PAYLOAD_BYTES } from './payload.js';
import { produce } from './produce.js';
import { Yardstick } from './yardstick.js';

const ROUNDS = 40;
const GROUPS = [
  { group: 1, perRound: 150, aimRatio: 0.85 },
  { group: 100, perRound: 2_000, aimRatio: 0.6 },
] as const;
const MANY = { producers: 256, perRound: 10_000, aimRatio: 5 } as const;

/** Accepting events, each durable before its promise resolves, beside what the disk and a plain table can do, turn by turn. */
export async function benchEnqueue(): Promise<Figure[]> {
  const dir = await mkdtemp(path.join(tmpdir(), 'inklet-bench-queue-'));
  const store = await openBenchStore(path.join(dir, 'hub'));
  try {
    const figures: Figure[] = [];
    for (const one of GROUPS) figures.push(await againstDisk(store.outbox, dir, one));
    figures.push(await againstAutocommit(store.outbox, dir));
    return figures;
  } finally {
    store.database.close();
    await rm(dir, { recursive: true, force: true });
  }
}

async function againstDisk(
  outbox: Outbox,
  dir: string,
  { group, perRound, aimRatio }: (typeof GROUPS)[number],
): Promise<Figure> {
  const yardstick = new Yardstick(path.join(dir, `yardstick-${group}`), group);
  const append = () => {
    for (let done = 0; done < perRound; done += group) yardstick.append();
  };
  const enqueue = () => produce(outbox, group, perRound);
  const [disk, ours] = await inTurn(perRound, append, enqueue);
  yardstick.close();
  return {
    what: `enqueue at FULL, ${group === 1 ? '1 producer' : `groups of ${group}`}, beside append and fdatasync`,
    ...rates(ours, disk),
    aimRatio,
  };
}

/** An insert loop as it is written first: a plain table, each row its own transaction, which a power cut may undo. */
async function againstAutocommit(outbox: Outbox, dir: string): Promise<Figure> {
  const { producers, perRound, aimRatio } = MANY;
  const sqlite = new Sqlite(path.join(dir, 'autocommit.sqlite'));
  sqlite.pragma('journal_mode = WAL');
  sqlite.pragma('synchronous = NORMAL');
  sqlite.exec('CREATE TABLE queue (id INTEGER PRIMARY KEY, body TEXT NOT NULL)');
  const insert = sqlite.prepare<[string]>('INSERT INTO queue (body) VALUES (?)');
  const body = 'x'.repeat(PAYLOAD_BYTES);
  const loop = () => {
    for (let done = 0; done < perRound; done += 1) insert.run(body);
  };
  const [plain, ours] = await inTurn(perRound, loop, () => produce(outbox, producers, perRound));
  sqlite.close();
  return { what: `enqueue at FULL, ${producers} producers, beside inserts at NORMAL`, ...rates(ours, plain), aimRatio };
}

/** Each has its turn again and again, so that a machine that is busy for a while is so for both; rows in a second. */
async function inTurn(rows: number, yardstick: () => void, ours: () => Promise<void>): Promise<[number[], number[]]> {
  const found: [number[], number[]] = [[], []];
  await ours();
  for (let round = 0; round < ROUNDS; round += 1) {
    found[0].push(await rate(rows, async () => yardstick()));
    found[1].push(await rate(rows, ours));
  }
  return found;
}

async function rate(rows: number, work: () => Promise<void>): Promise<number> {
  const startMs = performance.now();
  await work();
  return (rows / (performance.now() - startMs)) * 1000;
}

function rates(ours: readonly number[], yardstick: readonly number[]): Figure {
  const ratios = ours.map((perS, round) => perS / (yardstick[round] ?? Number.NaN));
  return {
    unit: 'rows/s',
    rounds: ours.length,
    perS: Math.round(quantile(ours, 0.5)),
    yardstickPerS: Math.round(quantile(yardstick, 0.5)),
    ratio: hundredths(median(ratios)),
  };
}
