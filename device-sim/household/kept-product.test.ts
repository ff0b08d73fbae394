import { expect } from 'vitest';
import { isThere, READY, STAYS, until, test as withProducts } from '../../test/support/products.js';
import { VirtualClock } from '../virtual-clock.js';
import { KeptProduct } from './kept-product.js';

/** Says its id in the log at each start, and takes a port by that id unless it is given one. */
const STARTS = `console.error(process.pid); process.env.INKLET_PORT ??= 20_000 + (process.pid % 20_000); ${READY}`;

const test = withProducts
  .extend('clock', () => new VirtualClock())
  .extend('leave', () => new AbortController())
  .extend('problems', (): string[] => [])
  .extend('asked', () => ({ times: 0 }))
  .extend('keep', ({ product, clock, leave, problems, asked }, { onCleanup }) => {
    const all: KeptProduct[] = [];
    onCleanup(async () => {
      for (const kept of all) await kept.kill();
    });
    return async (lines: string): Promise<KeptProduct> => {
      const spec = { ...(await product(lines)), clock };
      const kept = new KeptProduct({
        specOf: () => {
          asked.times += 1;
          return spec;
        },
        onProblem: (problem) => problems.push(problem),
        signal: leave.signal,
      });
      all.push(kept);
      return kept;
    };
  });

test('a product that dies is started again after a second, where it was', async ({ keep, clock, problems, asked }) => {
  const kept = await keep(`${STARTS} ${STAYS}`);
  await kept.start();
  const { url, pid } = kept;
  if (pid !== undefined) process.kill(pid, 'SIGKILL');
  await until(
    async () => problems.length,
    (count) => count === 1,
  );
  expect(problems[0]).toMatch(/^the hub was ended by SIGKILL and is started again; its log is .*hub\.log$/);
  const before = asked.times;
  await clock.advance(999);
  expect(asked.times).toBe(before);

  await clock.advance(1);
  expect(asked.times).toBe(before + 1);
  await until(
    async () => kept.pid,
    (now) => now !== pid,
  );
  expect(isThere(kept.pid)).toBe(true);
  expect(kept.url).toBe(url);
});

test('one that cannot start again is told of and tried again', async ({ keep, clock, problems, dir }) => {
  const once = `import { existsSync, writeFileSync, rmSync } from 'node:fs';
    const broken = process.env.DIR + '/broken';
    if (existsSync(broken)) { rmSync(broken); process.exit(5); }
    process.once('SIGUSR2', () => { writeFileSync(broken, ''); process.exit(6); });`;
  const kept = await keep(`${once} ${STARTS} ${STAYS}`);
  await kept.start();
  const { pid } = kept;
  if (pid !== undefined) process.kill(pid, 'SIGUSR2');
  await until(
    async () => problems.length,
    (count) => count === 1,
  );
  await clock.advance(1_000);
  await until(
    async () => problems.length,
    (count) => count === 2,
  );
  await clock.advance(1_000);
  await until(
    async () => kept.pid,
    (now) => now !== pid,
  );
  expect(problems).toEqual([
    expect.stringContaining('the hub left with code 6 and is started again'),
    `the hub did not start; its log is ${dir}/logs/hub.log`,
  ]);
});

test('one that is unplugged stays off until it is plugged in, and nobody is told', async ({
  keep,
  clock,
  problems,
}) => {
  const kept = await keep(`${STARTS} ${STAYS}`);
  await kept.start();
  const { pid } = kept;
  await kept.kill();
  await clock.advance(60_000);
  expect(isThere(pid)).toBe(false);
  await kept.start();
  expect(isThere(kept.pid)).toBe(true);
  expect(problems).toEqual([]);
});

test('a stop while it is being started again leaves no process', async ({ keep, clock, problems, written }) => {
  const kept = await keep(
    `import { existsSync, writeFileSync } from 'node:fs';
     console.error(process.pid);
     const again = process.env.DIR + '/again';
     if (!existsSync(again)) { ${READY} writeFileSync(again, ''); }
     ${STAYS}`,
  );
  await kept.start();
  if (kept.pid !== undefined) process.kill(kept.pid, 'SIGKILL');
  await until(
    async () => problems.length,
    (count) => count === 1,
  );
  await clock.advance(1_000);
  const log = await until(
    () => written('logs/hub.log'),
    (text) => text.split('\n').length === 3,
  );
  const second = Number.parseInt(log.split('\n')[1] ?? '', 10);
  expect(isThere(second)).toBe(true);
  await kept.stop();
  expect(isThere(second)).toBe(false);
});

test('nothing is started again once the household leaves', async ({ keep, clock, leave, problems }) => {
  const kept = await keep(`${STARTS} ${STAYS}`);
  await kept.start();
  const { pid } = kept;
  leave.abort();
  if (pid !== undefined) process.kill(pid, 'SIGTERM');
  await kept.stop();
  await clock.advance(60_000);
  expect([isThere(kept.pid), problems]).toEqual([false, []]);
});

test('one that does not start the first time is an error, and no process is left', async ({ keep, written }) => {
  const kept = await keep('console.error(process.pid); process.exitCode = 7;');
  await expect(kept.start()).rejects.toMatchObject({ code: 'household.process-not-ready' });
  await kept.stop();
  expect(isThere(Number.parseInt(await written('logs/hub.log'), 10))).toBe(false);
});
