import { expect, test } from 'vitest';
import type { HardwareReport } from '../../../contract/index.js';
import type { HardwareRecord } from '../journal/entry.js';
import { type BoxedHub, progressWords, stageOf } from './hub-stage.js';
import { boxReport } from './report.js';

const AT = '2026-03-01T10:00:00.000Z';
const LATER = '2026-03-01T10:05:00.000Z';
const RECORD: HardwareRecord = {
  writing: undefined,
  tagUid: '04000000000001',
  hwId: '00112233445566778899',
  keyId: 1,
  model: 1,
  batch: 7,
  box: 'box',
  tagged: { at: AT, how: 'verified', locked: true },
  registration: { state: 'registered', at: AT, hardware: 'MADE' },
};
const REPORT: HardwareReport = {
  hwId: RECORD.hwId,
  state: 'MADE',
  thingName: null,
  lastSeenAt: null,
  certificates: [],
  decisions: [],
};
const LIVE = { id: 'c'.repeat(64), status: 'live', createdAt: AT, firstUsedAt: null };
const OLD = { ...LIVE, id: 'd'.repeat(64), status: 'replaced, deactivated', firstUsedAt: AT };

const hub = (report?: Partial<HardwareReport>, record?: Partial<HardwareRecord>): BoxedHub => ({
  number: 7,
  record: { ...RECORD, ...record },
  report: report && { ...REPORT, ...report },
});

test.each<[BoxedHub, string]>([
  [hub(undefined, { registration: { state: 'queued' } }), 'tag ok, to be registered'],
  [
    hub(undefined, { registration: { state: 'refused', at: AT, code: 'invalid_state', message: 'no' } }),
    'tag ok, refused by the cloud: invalid_state',
  ],
  [hub(), 'tag ok, registered'],
  [hub({ certificates: [LIVE] }), 'tag ok, registered, certificate issued'],
  [hub({ certificates: [{ ...LIVE, firstUsedAt: LATER }] }), 'tag ok, registered, certificate issued, online'],
  [hub({ certificates: [LIVE], lastSeenAt: LATER }), 'tag ok, registered, certificate issued, online'],
  [hub({ certificates: [OLD], lastSeenAt: AT }), 'tag ok, registered'],
  [hub({ certificates: [LIVE, OLD], lastSeenAt: AT }), 'tag ok, registered, certificate issued'],
  [
    hub({ decisions: [{ at: AT, allowed: false, reason: 'unknown-key' }] }),
    'tag ok, registered, certificate refused: unknown-key',
  ],
])('how far a hub is stands in one line (%#)', (boxed, words) => {
  expect(progressWords(boxed, 24, true)).toBe(`7/24 inklet-aaisem2ekvthpcez ${words}`);
});

test('without a cloud, it is to be synced', () => {
  const queued = hub(undefined, { registration: { state: 'queued' } });
  expect(progressWords(queued, 24, false)).toContain('to be synced');
  expect(stageOf(queued)).toBe('queued');
});

test('a report is a table that no spreadsheet takes for formulas, or the same as JSON', () => {
  const message = '=HYPERLINK("http://x")';
  const refused = hub(undefined, { registration: { state: 'refused', at: AT, code: 'a,b', message } });
  const box = { name: 'box', count: 1, hubs: [refused] };
  const [head, row, end] = boxReport(box, 'box.csv', Date.parse(AT)).split('\r\n');
  expect(head).toMatch(/^number,thingName,hwId,tagUid,.*,code,reason$/);
  expect(row).toMatch(/^7,inklet-aaisem2ekvthpcez,00112233445566778899,04000000000001,1,1,7,verified,/);
  expect(row).toMatch(/,refused,,,,"a,b","'=HYPERLINK\(""http:\/\/x""\)"$/);
  expect(end).toBe('');
  expect(JSON.parse(boxReport(box, 'box.json', Date.parse(AT)))).toMatchObject({
    box: 'box',
    at: AT,
    hubs: [{ number: 7, code: 'a,b', reason: message, stage: 'refused' }],
  });
});
