// A hub's store that is filled and then goes on until it is killed, or one that is opened after that. What was measured is
// printed as a line of JSON.
import '../../../../hub/lean-heap.js';
import { readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import type { Outbox } from '../../../../hub/storage/outbox.js';
import { openBenchStore } from '../bench-store.js';
import type { Filled, Opened } from '../filler-words.js';
import { PAYLOAD_BYTES } from '../payload.js';
import { produce } from '../produce.js';
import { Yardstick } from '../yardstick.js';

const GROUP = 100;
const LOOKS = 40;
const ROWS_A_LOOK = 2_000;
const FSYNC_EVERY = 50;

const [what = '', dir = '', rows = '0'] = process.argv.slice(2);
const goOn = what === 'open' ? await open() : await fill(Number(rows));
for (;;) await produce(goOn, GROUP, ROWS_A_LOOK);

function say(found: Filled | Opened): void {
  process.stdout.write(`${JSON.stringify(found)}\n`);
}

/** Whoever kills it then finds a log that nobody has emptied. */
async function open(): Promise<Outbox> {
  const startMs = performance.now();
  const { outbox } = await openBenchStore(path.join(dir, 'full'));
  const openMs = performance.now() - startMs;
  const found = outbox.depth();
  await produce(outbox, GROUP, ROWS_A_LOOK);
  say({ openMs, rows: found });
  return outbox;
}

async function fill(rows: number): Promise<Outbox> {
  const full = await openBenchStore(path.join(dir, 'full'));
  const yardstick = new Yardstick(path.join(dir, 'yardstick'), 1);
  const fsyncs: number[] = [];
  const commits: number[] = [];
  for (let done = 0; done < rows; done += GROUP) {
    commits.push(await timed(() => produce(full.outbox, GROUP, GROUP)));
    if (commits.length % FSYNC_EVERY === 0) fsyncs.push(await timed(async () => yardstick.append()));
  }
  const empty = await openBenchStore(path.join(dir, 'empty'));
  const ratios: number[] = [];
  for (let look = 0; look < LOOKS; look += 1) {
    const emptyMs = await timed(() => produce(empty.outbox, GROUP, ROWS_A_LOOK));
    empty.database.write(() => empty.outbox.acknowledge(1, empty.outbox.lane(1).nextSeq - 1));
    ratios.push(emptyMs / (await timed(() => produce(full.outbox, GROUP, ROWS_A_LOOK))));
  }
  empty.database.close();
  const held = full.outbox.depth();
  say({
    rows: held,
    ratios,
    worstCommitMs: Math.max(...commits),
    fsyncsMs: fsyncs,
    diskBytes: sizeOf('hub.sqlite') + sizeOf('hub.sqlite-wal'),
    payloadBytes: held * PAYLOAD_BYTES,
    rssKib: kib('VmRSS'),
    peakKib: kib('VmHWM'),
  });
  return full.outbox;
}

function sizeOf(name: string): number {
  return statSync(path.join(dir, 'full', name), { throwIfNoEntry: false })?.size ?? 0;
}

function kib(field: string): number {
  return Number(new RegExp(`^${field}:\\s+(\\d+) kB$`, 'm').exec(readFileSync('/proc/self/status', 'utf8'))?.[1]);
}

async function timed(work: () => Promise<void>): Promise<number> {
  const startMs = performance.now();
  await work();
  return performance.now() - startMs;
}
