import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { expect } from 'vitest';
import { isThere, READY, STAYS, test, until } from '../../test/support/products.js';
import { VirtualClock } from '../virtual-clock.js';
import { built } from './built.js';
import { ProductProcess } from './product-process.js';

const FOR_EVER = new AbortController().signal;
/** Deaf to SIGTERM, and says its id before anything else. */
const STUBBORN = `process.on('SIGTERM', () => console.error('I stay')); console.error(process.pid);`;

test('a product is ready at its word, whatever it says before, and its log goes to a file', async ({
  product,
  written,
}) => {
  const spec = await product(`console.log('hello'); console.log('{"ready":false}'); console.error('my log'); ${READY}`);
  const ready = await ProductProcess.start(spec, FOR_EVER);
  expect(ready.url).toBe('http://127.0.0.1:4711');
  expect(await ready.gone()).toBe('left with code 0');
  expect(await written('logs/hub.log')).toBe('my log\n');
  expect((await stat(spec.logFile)).mode & 0o777).toBe(0o600);
});

test('a product gets the environment that it is given and no other', async ({ product, written }) => {
  const spec = await product(`console.error(Object.keys(process.env).sort().join()); ${READY}`);
  await (await ProductProcess.start(spec, FOR_EVER)).gone();
  expect(await written('logs/hub.log')).toBe('DIR,PATH\n');
});

test('one that dies before it is ready is an error that says how it died and where its log is', async ({ product }) => {
  const spec = await product('process.exitCode = 3;');
  await expect(ProductProcess.start(spec, FOR_EVER)).rejects.toMatchObject({
    code: 'household.process-not-ready',
    message: expect.stringContaining(spec.logFile),
    cause: { message: 'the hub left with code 3' },
  });
});

test('one that closes its output is waited for, not taken for ready', async ({ product }) => {
  const spec = await product(`process.stdout.end(); setTimeout(() => process.exit(4), 50); ${STAYS}`);
  await expect(ProductProcess.start(spec, FOR_EVER)).rejects.toMatchObject({
    cause: { message: 'the hub left with code 4' },
  });
});

test('one that never says that it is ready is given up, and its plug pulled if need be', async ({
  product,
  written,
}) => {
  const clock = new VirtualClock();
  const spec = await product(`${STUBBORN} ${STAYS}`);
  const starting = ProductProcess.start({ ...spec, clock }, FOR_EVER);
  const refused = expect(starting).rejects.toMatchObject({
    code: 'household.process-not-ready',
    cause: { message: 'no word from the hub in 60000 ms' },
  });
  const pid = Number.parseInt(
    await until(
      () => written('logs/hub.log'),
      (log) => log.endsWith('\n'),
    ),
    10,
  );
  await clock.advance(60_000);
  await until(
    () => written('logs/hub.log'),
    (log) => log.includes('I stay'),
  );
  expect(isThere(pid)).toBe(true);
  await clock.advance(8_000);
  await refused;
  expect(isThere(pid)).toBe(false);
});

test('who stops waiting gets his own reason, and the process leaves', async ({ product, written }) => {
  const leave = new AbortController();
  const spec = await product(`console.error(process.pid); ${STAYS}`);
  const refused = expect(ProductProcess.start(spec, leave.signal)).rejects.toBe('enough');
  const pid = Number.parseInt(
    await until(
      () => written('logs/hub.log'),
      (log) => log.endsWith('\n'),
    ),
    10,
  );
  leave.abort('enough');
  await refused;
  expect(isThere(pid)).toBe(false);
  await expect(ProductProcess.start(spec, leave.signal)).rejects.toBe('enough');
});

test('a product that is stopped may put its things in order', async ({ product, written }) => {
  const tidy = `process.once('SIGTERM', () => { console.error('tidied up'); process.exit(); });`;
  const ready = await ProductProcess.start(await product(`${tidy} ${READY} ${STAYS}`), FOR_EVER);
  await ready.stop();
  await ready.stop();
  expect(await ready.gone()).toBe('left with code 0');
  expect(
    await until(
      () => written('logs/hub.log'),
      (log) => log !== '',
    ),
  ).toBe('tidied up\n');
});

test('one that does not leave when it is asked to has its plug pulled', async ({ product, written }) => {
  const clock = new VirtualClock();
  const spec = await product(`${STUBBORN} ${READY} ${STAYS}`);
  const ready = await ProductProcess.start({ ...spec, clock }, FOR_EVER);
  const stopping = ready.stop();
  await until(
    () => written('logs/hub.log'),
    (log) => log.includes('I stay'),
  );
  await clock.advance(7_999);
  expect(isThere(ready.pid)).toBe(true);
  await clock.advance(1);
  await stopping;
  expect(await ready.gone()).toBe('was ended by SIGKILL');
});

test('a product whose plug is pulled has no last word', async ({ product }) => {
  const ready = await ProductProcess.start(await product(`${STUBBORN} ${READY} ${STAYS}`), FOR_EVER);
  await ready.kill();
  expect(await ready.gone()).toBe('was ended by SIGKILL');
});

// A household that was killed left its cloud and its hub running, with their ports and their files.
test('a product leaves when its household is gone without a word', async ({ dir, product, written }) => {
  const { script } = await product(
    `process.once('SIGTERM', () => { console.error('alone'); process.exit(); }); console.error('here'); ${STAYS}`,
  );
  const household = path.join(dir, 'household.mjs');
  await writeFile(
    household,
    `import { spawn } from 'node:child_process';
     import { openSync } from 'node:fs';
     const log = openSync(${JSON.stringify(path.join(dir, 'log'))}, 'w');
     const product = spawn(process.execPath, ${JSON.stringify([built('device-sim', 'household', 'leash.js'), script])}, {
       detached: true, stdio: ['ignore', 'ignore', log, 'pipe'],
     });
     console.log(product.pid);
     ${STAYS}`,
  );
  const parent = spawn(process.execPath, [household], { stdio: ['ignore', 'pipe', 'inherit'] });
  const [line] = await once(parent.stdout, 'data');
  const pid = Number.parseInt(String(line), 10);
  await until(
    () => written('log'),
    (log) => log === 'here\n',
  );
  parent.kill('SIGKILL');
  await until(
    async () => isThere(pid),
    (there) => !there,
  );
  expect(await written('log')).toBe('here\nalone\n');
});
