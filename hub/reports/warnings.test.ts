import { Writable } from 'node:stream';
import { pino } from 'pino';
import { expect } from 'vitest';
import { HubEventSchema } from '../../contract/index.js';
import { test as base, eventsOf, SILENT, settle } from '../../test/support/hub-site.js';
import { HubError } from '../errors.js';
import { warningReporter } from './warning-reporter.js';
import { Warnings } from './warnings.js';

const HOUR_MS = 3_600_000;

const test = base.extend('logging', () => {
  const written: string[] = [];
  const sink = new Writable({
    write: (chunk, _encoding, done) => {
      written.push(String(chunk));
      done();
    },
  });
  const warnings = new Warnings();
  return { written, warnings, log: pino({ level: 'info', hooks: warnings.hooks }, sink) };
});

test('a warning becomes an event of its part, its sentence and its code; the log keeps the whole line', async ({
  store,
  site,
  logging: { written, warnings, log },
}) => {
  const reporter = warningReporter({ warnings, outbox: store.outbox, clock: site.clock, log: SILENT });
  reporter.start();
  const link = log.child({ mod: 'link', cmdId: 'secret' });
  link.warn({ err: new HubError('link.down', 'no route to 10.0.0.7'), topic: 'secret' }, 'message not handled');
  link.info('connected');
  log.error({ code: 'storage.full' }, 'no room on the card; waiting for some');
  log.fatal('bye');
  site.clock.advance(60_000);
  await settle();
  await reporter.stop();
  const events = eventsOf(store, 3).map((event) => HubEventSchema.parse(event));
  const at = '2026-01-01T00:01:00.000Z';
  expect(events.map(({ body }) => body)).toEqual([
    { at, level: 'warn', mod: 'link', message: 'message not handled', code: 'link.down', count: 1 },
    {
      at,
      level: 'error',
      mod: 'hub',
      message: 'no room on the card; waiting for some',
      code: 'storage.full',
      count: 1,
    },
    { at, level: 'fatal', mod: 'hub', message: 'bye', code: null, count: 1 },
  ]);
  expect(JSON.stringify(events)).not.toMatch(/secret|10\.0\.0\.7/);
  expect(written.join('')).toContain('no route to 10.0.0.7');
  expect(written).toHaveLength(4);
});

test.for([
  ['a value in the sentence', (log: pino.Logger) => log.warn('code BCDF-GHJK shown to 4711')],
  ['a sentence put together', (log: pino.Logger) => log.warn({ err: 1 }, 'saw %s', 'http://bread.example')],
  ['no sentence', (log: pino.Logger) => log.warn({ text: 'Bread rises' })],
  ['something else for a code', (log: pino.Logger) => log.warn({ code: 'Bread rises at seven' }, 'a sentence')],
  ['something else for a part', (log: pino.Logger) => log.child({ mod: 'Bread rises' }).warn('a sentence')],
] as const)('%s does not leave the hub', ([, write], { logging: { warnings, log } }) => {
  write(log);
  const told = JSON.stringify(warnings.take(0));
  expect(told).toContain('"count":1');
  expect(told).not.toMatch(/BCDF|4711|bread|Bread/);
});

test('a line that comes again and again is told once an hour, with how often', ({ logging: { warnings, log } }) => {
  const again = (times: number) => {
    for (let time = 0; time < times; time += 1) log.warn({ code: 'link.down' }, 'message not handled');
  };
  again(3);
  expect(warnings.take(0)).toMatchObject([{ count: 3 }]);
  again(500);
  expect(warnings.take(HOUR_MS - 1)).toEqual([]);
  expect(warnings.take(HOUR_MS)).toMatchObject([{ count: 500 }]);
  expect(warnings.take(3 * HOUR_MS)).toEqual([]);
});

test('however many kinds of warnings there are, few are told in an hour and none is forgotten for good', ({
  logging: { warnings },
}) => {
  const letters = (index: number) => String.fromCodePoint(97 + Math.floor(index / 26), 97 + (index % 26));
  for (let kind = 0; kind < 500; kind += 1) {
    warnings.hear({ level: 'warn', mod: 'hub', message: letters(kind), code: null });
  }
  const hours = [0, 1, 2, 3, 4].map((hour) => warnings.take(hour * HOUR_MS));
  expect(hours.map((lines) => lines.length)).toEqual([30, 30, 30, 11, 0]);
  expect(hours.flat().reduce((sum, { count }) => sum + count, 0)).toBe(500);
});
