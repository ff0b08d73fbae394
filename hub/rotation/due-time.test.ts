import { expect, test } from 'vitest';
import { certify, strangersKey } from '../../test/support/certify.js';
import { notBeforeMs, rotationDueMs } from './due-time.js';

const DAY_MS = 24 * 60 * 60 * 1000;
const { certPem } = await certify(await strangersKey());
const BEGIN_MS = notBeforeMs({ certPem });
const withDigits = (digits: string) => ({ certPem, certificateId: digits.padEnd(64, '0') });
const never = { lastTryMs: undefined };

test('a hub is due by the age of its certificate, a tenth of it earlier at most', () => {
  expect(rotationDueMs(withDigits('00000000'), { afterDays: 100, ...never })).toBe(BEGIN_MS + 100 * DAY_MS);
  expect(rotationDueMs(withDigits('80000000'), { afterDays: 100, ...never })).toBe(BEGIN_MS + 95 * DAY_MS);
  const last = rotationDueMs(withDigits('ffffffff'), { afterDays: 100, ...never }) ?? 0;
  expect(Math.round((last - BEGIN_MS) / DAY_MS)).toBe(90);
});

test('0 days are never', () => {
  expect(rotationDueMs(withDigits('00'), { afterDays: 0, ...never })).toBeUndefined();
});

test('after a try a day passes, however old the certificate is', () => {
  const lastTryMs = BEGIN_MS + 500 * DAY_MS;
  expect(rotationDueMs(withDigits('00'), { afterDays: 100, lastTryMs })).toBe(lastTryMs + DAY_MS);
});
