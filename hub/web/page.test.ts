import { expect, test } from 'vitest';
import { A_QUEUE } from '../../test/support/queue-view.js';
import type { HubStatus } from '../api/status.js';
import { page } from './page.js';

const NO_PROBLEM = { state: 'ready', code: null, message: null, advice: null, step: null, retryAt: null } as const;
const STATUS: HubStatus = {
  version: '1',
  bootId: 'b',
  uptimeS: 1,
  rssBytes: 1,
  hwId: '00112233445566778899',
  thingName: 'inklet-aaaaaaaaaaaaaaaa',
  identity: NO_PROBLEM,
  certificate: null,
  storage: { damagedAt: null },
  household: null,
  link: { connected: true, connectedSince: null, reconnects: 0, problem: null, cloneSuspected: false },
  sync: { queueDepth: 0, lastSuccessAt: null, failures: 0, lastError: null },
};
const CERTIFICATE: NonNullable<HubStatus['certificate']> = {
  id: '0123456789ab',
  notBefore: '2026-01-01T00:00:00.000Z',
  ageDays: 12,
  stage: null,
  lastRotation: { at: '2026-01-01T00:00:00.000Z', reason: 'age' },
  lastFailure: null,
};

function textOf(certificate: HubStatus['certificate']): string {
  const view = { queue: A_QUEUE, displays: [], lastFailureOf: () => undefined, timeOfDay: () => '' };
  const html = page({ ...view, status: { ...STATUS, certificate } });
  const [, cell = ''] = /<dt>Certificate<\/dt><dd>(.*?)<\/dd>/s.exec(html) ?? [];
  return cell.replaceAll(/<[^>]*>/g, '').replaceAll(/\s+/g, ' ');
}

test('the page says how old the certificate is and when it was changed', () => {
  expect(textOf(null)).toBe('none yet');
  expect(textOf({ ...CERTIFICATE, lastRotation: null, ageDays: 1 })).toBe('0123456789ab, 1 day old');
  expect(textOf(CERTIFICATE)).toBe('0123456789ab, 12 days old, changed on 2026-01-01');
  expect(textOf({ ...CERTIFICATE, stage: 'NEXT_VERIFIED' })).toContain('the next one is being made (NEXT_VERIFIED)');
});

test('a change that did not work is told by step and code, until one has worked', () => {
  const lastFailure = {
    at: '2026-01-05T00:00:00.000Z',
    reason: 'job',
    step: 'commit',
    code: 'rotation.commit-refused',
    message: '<b>',
  } as const;
  const text = textOf({ ...CERTIFICATE, lastFailure });
  expect(text).toContain('A change on 2026-01-05 did not work');
  expect(text).toContain('(commit, rotation.commit-refused)');
  const lastRotation = { at: '2026-01-06T00:00:00.000Z', reason: 'job' } as const;
  expect(textOf({ ...CERTIFICATE, lastFailure, lastRotation })).not.toContain('did not work');
});
