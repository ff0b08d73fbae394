import { readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { pino } from 'pino';
import { expect } from 'vitest';
import { RawClient } from './raw-client.js';
import { type StandInAddress, startStandIn } from './stand-in.js';
import { type Site, test } from './test-site.js';

async function standIn(site: Site): Promise<StandInAddress> {
  const options = {
    port: 0,
    adminPort: 0,
    controlPort: 0,
    dir: path.join(site.dir, 'alone'),
    denied: 'reason-code',
    rates: 'aws',
  } as const;
  const { address, stop } = await startStandIn(options, { clock: site.clock, log: pino({ level: 'silent' }) });
  site.onClose(stop);
  return address;
}

async function ask(address: StandInAddress, method: string, route: string, body?: unknown): Promise<[number, unknown]> {
  const token = readFileSync(address.adminTokenFile, 'utf8');
  const response = await fetch(`${address.adminUrl}${route}`, {
    method,
    headers: {
      authorization: `Bearer ${token}`,
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  return [response.status, text === '' ? undefined : JSON.parse(text)];
}

async function dial(site: Site, { port, caFile }: StandInAddress, cert: string, key: string): Promise<RawClient> {
  const client = await RawClient.dial({ port, caPem: readFileSync(caFile, 'utf8') }, { certPem: cert, keyPem: key });
  site.onClose(() => client.cut());
  return client;
}

test('the files that it tells of let a claimant in, are private, and outlive a restart', async ({ site }) => {
  const address = await standIn(site);
  const { claimCertFile, claimKeyFile } = address;
  const [cert, key] = [claimCertFile, claimKeyFile].map((file) => readFileSync(file, 'utf8'));
  const client = await dial(site, address, cert ?? '', key ?? '');
  await client.connect('inklet-fp-1');
  for (const file of [claimKeyFile, address.backendKeyFile, address.adminTokenFile]) {
    expect(statSync(file).mode & 0o077).toBe(0);
  }
  const again = await standIn(site);
  expect(readFileSync(again.claimCertFile, 'utf8')).toBe(cert);
});

test('the admin door opens to its token alone', async ({ site }) => {
  const { adminUrl } = await standIn(site);
  for (const authorization of [undefined, 'Bearer x', 'Bearer ']) {
    const response = await fetch(`${adminUrl}/things`, {
      headers: authorization === undefined ? {} : { authorization },
    });
    expect(response.status).toBe(401);
    expect(await response.json()).toMatchObject({ error: { code: 'iot.not-authorized' } });
  }
});

test('through the admin door a thing is made, told what to be and to do, and made to fail', async ({ site }) => {
  const address = await standIn(site);
  const [status, made] = await ask(address, 'POST', '/things/inklet-a/certificates');
  expect(status).toBe(201);
  expect(made).toMatchObject({ certificateId: expect.stringMatching(/^[0-9a-f]{64}$/) });
  expect(await ask(address, 'PUT', '/things/inklet-a/shadow?name=config', { rotation: 90 })).toMatchObject([
    200,
    { version: 1 },
  ]);
  expect(await ask(address, 'GET', '/things/inklet-a/shadow?name=config')).toMatchObject([
    200,
    { state: { desired: { rotation: 90 } } },
  ]);
  const job = { jobId: 'one', document: { op: 'rotate' }, targets: ['inklet-a'] };
  expect(await ask(address, 'POST', '/jobs', job)).toEqual([201, job]);
  expect(await ask(address, 'GET', '/jobs/one/executions')).toMatchObject([200, [{ status: 'QUEUED' }]]);
  expect(await ask(address, 'DELETE', '/jobs/one')).toEqual([204, undefined]);
  expect(await ask(address, 'GET', '/jobs/one/executions')).toMatchObject([200, [{ status: 'CANCELED' }]]);
  expect(await ask(address, 'POST', '/faults', [{ kind: 'answer-lost', operation: 'RegisterThing' }])).toMatchObject([
    201,
    [{ fault: { kind: 'answer-lost', times: 1 }, struck: 0, left: 1 }],
  ]);
  expect(await ask(address, 'DELETE', '/faults')).toEqual([204, undefined]);
  expect(await ask(address, 'GET', '/faults')).toEqual([200, []]);
});

test('a certificate that is revoked through the admin door ends its connection', async ({ site }) => {
  const address = await standIn(site);
  const cert = readFileSync(address.backendCertFile, 'utf8');
  const client = await dial(site, address, cert, readFileSync(address.backendKeyFile, 'utf8'));
  await client.connect('inklet-backend');
  const [, clients] = await ask(address, 'GET', '/clients');
  expect(clients).toMatchObject([{ clientId: 'inklet-backend', certificateId: expect.any(String) }]);
  const [first] = Array.isArray(clients) ? clients : [];
  expect(await ask(address, 'PUT', `/certificates/${first.certificateId}/status`, { status: 'REVOKED' })).toEqual([
    204,
    undefined,
  ]);
  expect(await client.next()).toMatchObject({ cmd: 'disconnect', reasonCode: 0x87 });
});

test.for([
  ['POST', '/faults', [{ kind: 'flood' }], 400, 'iot.bad-request'],
  ['POST', '/jobs', { jobId: 'a b', document: {}, targets: ['x'] }, 400, 'iot.job-refused'],
  ['PUT', '/things/nobody/shadow', {}, 400, 'iot.shadow-refused'],
  ['GET', '/things/nobody/shadow', undefined, 404, 'iot.not-found'],
  ['DELETE', '/jobs/none', undefined, 404, 'iot.not-found'],
  ['PUT', '/certificates/none/status', { status: 'REVOKED' }, 404, 'iot.not-found'],
  ['PUT', '/certificates/none/status', { status: 'GOOD' }, 400, 'iot.bad-request'],
] as const)('%s %s with %j is refused', async ([method, route, body, status, code], { site }) => {
  const address = await standIn(site);
  expect(await ask(address, method, route, body)).toMatchObject([status, { error: { code } }]);
});
