import { once } from 'node:events';
import { statSync } from 'node:fs';
import { connect as connectTcp } from 'node:net';
import path from 'node:path';
import { connect } from 'node:tls';
import { expect } from 'vitest';
import { CertificateAuthority } from './certificate-authority.js';
import { Site, test } from './test-site.js';

test.for([
  ['127.0.0.1', undefined, false],
  ['127.0.0.1', ['x-amzn-mqtt-ca'], 'x-amzn-mqtt-ca'],
  ['localhost', ['mqtt', 'x-amzn-mqtt-ca'], 'x-amzn-mqtt-ca'],
] as const)('the server certificate holds for %s with ALPN %j', async ([host, alpn, agreed], { site, core }) => {
  const credentials = await site.anybody(core);
  const client = await site.dial(core, credentials, { host, ...(alpn === undefined ? {} : { alpn: [...alpn] }) });
  expect(client.socket.alpnProtocol).toBe(agreed);
  await client.connect('c');
});

test('the server certificate holds for ::1', async ({ site }) => {
  const core = await site.start({ host: '::1' });
  await site.join(core, await site.anybody(core), 'c', { host: '::1' });
});

test('another ALPN is refused', async ({ site, core }) => {
  await expect(site.dial(core, await site.anybody(core), { alpn: ['http/1.1'] })).rejects.toThrow(/alert/);
});

test('a client without certificate, or with one of another authority, hears no CONNACK', async ({ site, core }) => {
  const other = new Site();
  site.onClose(() => other.close());
  const stranger = await (await CertificateAuthority.open(other.dir)).issueWithKey('stranger');
  for (const keys of [{}, { cert: stranger.certPem, key: stranger.keyPem }]) {
    const socket = connect({ host: '127.0.0.1', port: core.port, ca: core.caPem, ...keys });
    const heard: Buffer[] = [];
    socket.on('error', () => undefined);
    socket.on('data', (bytes: Buffer) => heard.push(bytes));
    socket.once('secureConnect', () => socket.write(Buffer.from('100f00044d5154540402003c00036162630a', 'hex')));
    await new Promise((resolve) => socket.once('close', resolve));
    expect(heard).toEqual([]);
  }
});

test('a certificate of our authority that nobody registered may not connect', async ({ site, core }) => {
  const ghost = await (await CertificateAuthority.open(site.dir)).issueWithKey('ghost');
  const client = await site.dial(core, ghost);
  expect(await client.greet('inklet-a')).toMatchObject({ cmd: 'connack', reasonCode: 0x87 });
});

test('keys and registry are readable by their owner alone', ({ site, core }) => {
  for (const file of ['ca.key', 'server.key', 'registry.json']) {
    expect(statSync(path.join(site.dir, file)).mode & 0o777).toBe(0o600);
  }
  expect(core.caFile).toBe(path.join(site.dir, 'ca.pem'));
});

test('the server certificate is the same after a restart', async ({ site }) => {
  const before = await CertificateAuthority.open(site.dir);
  const after = await CertificateAuthority.open(site.dir);
  expect(after.server).toEqual(before.server);
});

test('a connection that never says CONNECT is dropped', async ({ site, core }) => {
  const client = await site.dial(core, await site.anybody(core));
  await client.socket.write('\x10');
  await once(client.socket, 'session'); // the server has written: it holds the connection
  await site.clock.advance(10_000);
  expect(await client.next()).toEqual({ cmd: 'closed' });
});

test('stopping twice is fine, frees the port and closes half-open connections', async ({ site, core }) => {
  const half = connectTcp(core.port, '127.0.0.1');
  await once(half, 'connect');
  await site.join(core, await site.anybody(core), 'c');
  await core.stop();
  await core.stop();
  await once(half, 'close');
  const again = await site.start({ port: core.port });
  expect(again.port).toBe(core.port);
});
