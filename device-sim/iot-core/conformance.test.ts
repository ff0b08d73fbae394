import { expect } from 'vitest';
import { DIALS, joined } from '../../test/support/iot-speakers.js';
import { AWS_RATES } from './rates.js';
import { test } from './test-site.js';

const many = (count: number, prefix = 'f') => Array.from({ length: count }, (_, n) => `${prefix}/${n}`);

test.for(DIALS)('%s: eight filters in a SUBSCRIBE and fifty on a connection', async ([, dial], { site, core }) => {
  const speaker = await joined(dial, { site, core, credentials: await site.anybody(core), clientId: 'c' });
  expect(new Set(await speaker.subscribe(many(9)))).toEqual(new Set([0x97]));
  for (let n = 0; n < 6; n += 1) expect(await speaker.subscribe(many(8, `${n}`))).toEqual(Array(8).fill(1));
  expect(await speaker.subscribe(many(2, 'last'))).toEqual([1, 1]);
  expect(await speaker.subscribe(['one/more'])).toEqual([0x97]);
});

test.for(DIALS)('%s: 128 KiB and eight levels, and no more', async ([, dial], { site, core }) => {
  const speaker = await joined(dial, { site, core, credentials: await site.anybody(core), clientId: 'c' });
  expect(await speaker.publish('a', Buffer.alloc(128 * 1024))).toBe(0);
  expect(await speaker.publish('a', Buffer.alloc(128 * 1024 + 1))).toBe(0x97);
  expect(await speaker.publish('1/2/3/4/5/6/7/8', Buffer.from('x'))).toBe(0);
  expect(await speaker.publish('1/2/3/4/5/6/7/8/9', Buffer.from('x'))).toBe(0x90);
});

test.for(DIALS)('%s: a hundred publishes in a second, and no more', async ([, dial], { site, core }) => {
  const speaker = await joined(dial, { site, core, credentials: await site.anybody(core), clientId: 'c' });
  core.admin.setRates(AWS_RATES);
  const codes: number[] = [];
  for (let n = 0; n < 101; n += 1) codes.push(await speaker.publish('a', Buffer.from('x')));
  expect(codes).toEqual([...Array(100).fill(0), 0x97]);
});

test.for(DIALS)('%s: a denial by reason code, and by disconnect', async ([, dial], { site, core }) => {
  const credentials = await site.device(core, 'inklet-a');
  const speaker = await joined(dial, { site, core, credentials, clientId: 'inklet-a' });
  expect(await speaker.publish('not/mine', Buffer.from('x'))).toBe(0x87);
  expect(await speaker.subscribe(['not/mine'])).toEqual([0x87]);
  core.admin.setOnDenied('disconnect');
  void speaker.publish('not/mine', Buffer.from('x')).catch(() => undefined);
  expect(await speaker.ended).toBe(0x87);
});

test.for(DIALS)('%s: a certificate that is revoked while connected', async ([, dial], { site, core }) => {
  const credentials = await site.device(core, 'inklet-a');
  const speaker = await joined(dial, { site, core, credentials, clientId: 'inklet-a' });
  core.admin.faults.arm({ kind: 'certificate-revoked', topic: 'inklet/dev/+/up/state' });
  const topic = 'inklet/dev/inklet-a/up/state';
  void speaker.publish(topic, Buffer.from('x')).catch(() => undefined);
  expect(await speaker.ended).toBe(0x87);
  expect(core.admin.clients()).toEqual([]);
});

test.for(DIALS)('%s: a second CONNECT in a second is one too many', async ([, dial], { site, core }) => {
  const credentials = await site.anybody(core);
  core.admin.setRates(AWS_RATES);
  await (await joined(dial, { site, core, credentials, clientId: 'c' })).leave();
  expect(await dial({ site, core, credentials, clientId: 'c' })).toBe(0x97);
});

test.for(DIALS)('%s: keep-alive is clamped to 30..1200 seconds', async ([, dial], { site, core }) => {
  const credentials = await site.anybody(core);
  for (const [keepAliveS, clientId] of [
    [10, '30'],
    [60, '60'],
    [2_000, '1200'],
  ] as const) {
    await joined(dial, { site, core, credentials, clientId, keepAliveS });
  }
  expect(core.admin.clients().map(({ clientId, keepAliveS }) => [clientId, keepAliveS])).toEqual([
    ['30', 30],
    ['60', 60],
    ['1200', 1_200],
  ]);
});

test.for(DIALS)(
  '%s: no way in with a foreign id or a certificate that is not active',
  async ([, dial], { site, core }) => {
    const credentials = await site.device(core, 'inklet-a');
    expect(await dial({ site, core, credentials, clientId: 'inklet-b' })).toBe(0x87);
    for (const status of ['INACTIVE', 'PENDING_ACTIVATION', 'REVOKED'] as const) {
      core.admin.setCertificateStatus(credentials.certificateId, status);
      expect(await dial({ site, core, credentials, clientId: 'inklet-a' })).toBe(0x87);
    }
  },
);

test.for(DIALS)('%s: a certificate that is switched off while connected', async ([, dial], { site, core }) => {
  const credentials = await site.device(core, 'inklet-a');
  const speaker = await joined(dial, { site, core, credentials, clientId: 'inklet-a' });
  core.admin.setCertificateStatus(credentials.certificateId, 'INACTIVE');
  expect(await speaker.ended).toBe(0x87);
});
