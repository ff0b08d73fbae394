import { expect, test } from 'vitest';
import { A_QUEUE } from '../../test/support/queue-view.js';
import { queueNotice, queuePanel } from './queue-panel.js';

function told(change: Partial<typeof A_QUEUE>): string {
  const panel = queuePanel({ ...A_QUEUE, ...change }, () => '07:00').text;
  return panel
    .replaceAll(/<\/dd>/g, ';')
    .replaceAll(/<[^>]*>/g, ' ')
    .replaceAll(/\s+/g, ' ')
    .replaceAll(' ;', ';');
}

test('a queue of which nothing waits is told in a few words', () => {
  expect(told({})).toBe(
    ' The cloud knows everything that happened here. Waiting to be told 0 events, 0 bytes; ' +
      'The oldest of them nothing waits; Last told everything new never yet; Next try when something happens; ' +
      'Given up nothing; Free on the card not known; ',
  );
});

test('weeks offline are told with their age, and with what was given up and why', () => {
  const text = told({
    waiting: { rows: 12_000, bytes: 2_345_678, oldestS: 3 * 86_400 + 5 },
    sync: { lastSyncedAt: '2026-01-01T07:00:00.000Z', nextTryAt: null, failures: 7, lastError: 'sync.unreachable' },
    dropped: { thin: 900, ttl: 3 },
    card: { freeBytes: 1_234_000_000, ballast: true },
    rejected: 1,
  });
  for (const words of [
    '12000 events, 2.3 MB',
    'for 3 days',
    '2026-01-01, 07:00',
    '(sync.unreachable, 7 in a row)',
    '900 thinned out for want of room, 3 too old to matter',
    'Not understood by the cloud, and kept there 1;',
    '1.2 GB',
  ]) {
    expect(text).toContain(words);
  }
});

test.each([
  [59, 'for less than a minute'],
  [60, 'for 1 minute;'],
  [7200, 'for 2 hours'],
  [86_400, 'for 1 day;'],
])('%d seconds are told as people say it', (oldestS, words) => {
  expect(told({ waiting: { rows: 1, bytes: 300, oldestS } })).toContain(words);
});

test('only what the household must mend is a notice', () => {
  expect(queueNotice({ ...A_QUEUE, state: 'offline' }).text).toBe('');
  expect(queueNotice({ ...A_QUEUE, state: 'full', sentence: 'It must reach the internet.' }).text).toContain('alert');
});
