import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test as plain } from 'vitest';
import { compilers } from '../../support/compilers.js';
import { type FilledStore, fillStore } from './filled-store.js';
import { openLight } from './light-store.js';
import type { Mark } from './marks.js';
import { runPowerCuts } from './power-cuts.js';
import { Promises } from './promises.js';
import { judge } from './rebuilt-state.js';

const LIMIT_MS = 120_000;
/** So small that the log is emptied into the file again and again. */
const WORK = { seed: 1, turns: 150, checkpointPages: 60 };
const ACKED = 5;
const VICTIM = { lane: 1, pos: 4 };

const test = plain.extend('filled', async ({ task: _ }, { onCleanup }) => {
  const dir = await mkdtemp(join(tmpdir(), 'inklet-judged-'));
  onCleanup(() => rm(dir, { recursive: true }));
  return fillStore(dir, { events: 50, acked: ACKED });
});

plain.for(compilers())(
  'no state that a power cut may leave has lost what was promised, and a store that syncs less is caught (%s)',
  { timeout: LIMIT_MS },
  async () => {
    const [full, normal, off] = await Promise.all([
      runPowerCuts({ ...WORK, synchronous: 'FULL' }, 200),
      runPowerCuts({ ...WORK, synchronous: 'NORMAL' }, 24),
      runPowerCuts({ ...WORK, synchronous: 'OFF' }, 24),
    ]);
    process.stdout.write(`power cuts: ${JSON.stringify({ full, normal, off })}\n`);
    expect(full).toEqual({ states: 200, bad: 0 });
    expect(normal.lost).toBeGreaterThan(0);
    expect(off.bad).toBeGreaterThan(0);
  },
);

test.for<[string, string, Promised, string | undefined]>([
  ['as it was left', '', {}, undefined],
  ['without an event that was promised', `DELETE FROM log${VICTIM.lane} WHERE pos = ${VICTIM.pos}`, {}, 'lost'],
  [
    'without an event of those that nobody was told of yet',
    `DELETE FROM log${VICTIM.lane} WHERE pos = ${VICTIM.pos}`,
    { isTold: ({ lane }) => lane !== VICTIM.lane },
    'uncovered',
  ],
  ['that gives a number again', '', { lastMore: 1 }, 'lost'],
  ['that has taken an acknowledgement back', '', { acked: ACKED + 1 }, 'took back'],
  ['under another epoch', `UPDATE meta SET v = '${'0'.repeat(32)}' WHERE k = 'epoch'`, {}, 'new epoch'],
])('a store %s is judged by what was promised of it', async ([, sql, promised, verdict], { filled }) => {
  const { opened } = await openLight(filled.dir);
  if (sql !== '') opened.database.prepare(sql).run();
  opened.database.close();
  expect(await judge(filled.dir, promisesOf(filled, promised))).toBe(verdict);
});

type Told = Extract<Mark, { step: 'ok' }>;
type Promised = { isTold?: (event: Told) => boolean; acked?: number; lastMore?: number };

function promisesOf(
  { open, epoch }: FilledStore,
  { isTold = () => true, acked = ACKED, lastMore = 0 }: Promised,
): Promises {
  const told = open.map((event) => ({ step: 'ok' as const, ...event })).filter(isTold);
  const marks: Mark[] = [{ step: 'open', epoch }, { step: 'acked', lane: 0, seq: acked }, ...told];
  const promises = new Promises();
  promises.hear(Buffer.from(marks.map((mark) => `${JSON.stringify(mark)}\n`).join('')));
  for (const [lane, last] of promises.last) promises.last.set(lane, last + lastMore);
  return promises;
}
