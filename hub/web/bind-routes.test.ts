import { type FastifyBaseLogger, fastify, type InjectOptions } from 'fastify';
import { serializerCompiler, validatorCompiler } from 'fastify-type-provider-zod';
import { expect } from 'vitest';
import { test as base, SILENT } from '../../test/support/hub-site.js';
import { bindAtHub } from '../../test/support/local-binding.js';
import { guard } from '../api/guard.js';
import { answerProblems } from '../api/problems.js';
import { bindRoutes } from './bind-routes.js';

const WRONG = 'BBBB-BBBB';

const test = base.extend('hub', async ({ store, site }, { onCleanup }) => {
  const hub = bindAtHub(store, site);
  const log: FastifyBaseLogger = SILENT;
  const app = fastify({ loggerInstance: log });
  app.setValidatorCompiler(validatorCompiler);
  app.setSerializerCompiler(serializerCompiler);
  app.addHook('onRequest', guard);
  answerProblems(app);
  await app.register(bindRoutes(hub.side));
  onCleanup(async () => {
    await app.close();
    await hub.close();
  });
  const ask = (options: InjectOptions) =>
    app.inject({ ...options, headers: { host: 'inklet.local', ...options.headers } });
  const post = (url: string, form: Record<string, string> = {}, headers: Record<string, string> = {}) =>
    ask({
      method: 'POST',
      url,
      payload: new URLSearchParams(form).toString(),
      headers: { 'content-type': 'application/x-www-form-urlencoded', ...headers },
    });
  return { ...hub, ask, post };
});

const claimIdIn = (page: string) => /name="claimId" value="([^"]+)"/.exec(page)?.[1] ?? '';

test('a household binds its hub by three forms, without any JavaScript', async ({ hub }) => {
  expect((await hub.ask({ url: '/bind' })).payload).toContain('The cloud is away');
  expect(await hub.post('/bind/code')).toMatchObject({ statusCode: 303, headers: { location: '/bind' } });
  const code = hub.code();
  const opened = await hub.ask({ url: `/bind?code=${code}` });
  expect(opened.payload).toContain(`value="${code}"`);
  expect(opened.headers).toMatchObject({ 'cache-control': 'no-store', 'referrer-policy': 'no-referrer' });
  const compare = await hub.post('/bind/claims', { code, householdName: 'The <b>Larks</b>' });
  expect(compare.payload).toContain('The &lt;b&gt;Larks&lt;/b&gt;');
  const done = await hub.post('/bind/confirm', { claimId: claimIdIn(compare.payload) });
  expect(done.payload).toMatch(/href="https:\/\/cloud\.test\/bind#receipt=[\w-]{43}"/);
  expect(done.headers['cache-control']).toBe('no-store');
  const later = await hub.ask({ url: '/bind' });
  expect(later.payload).toContain('Let it go');
  expect(later.payload).not.toContain('receipt=');
});

test('a wrong code is said in words beside what was typed, and one too soon says when', async ({ hub }) => {
  hub.claims.show();
  const wrong = await hub.post('/bind/claims', { code: WRONG, householdName: 'The Larks' });
  expect(wrong.statusCode).toBe(404);
  expect(wrong.payload).toMatch(
    /role="alert">The glass does not show this code[\s\S]*value="BBBB-BBBB"[\s\S]*value="The Larks"/,
  );
  const soon = await hub.post('/bind/claims', { code: hub.code(), householdName: 'The Larks' });
  expect(soon).toMatchObject({ statusCode: 429, headers: { 'retry-after': '10' } });
});

test('while the cloud is there the page sends to the account, and its forms do nothing', async ({ hub, store }) => {
  hub.cloud.connected = true;
  expect((await hub.ask({ url: '/bind' })).payload).toContain('The cloud is there');
  expect((await hub.post('/bind/code')).statusCode).toBe(409);
  expect(hub.screens).toEqual([]);
  store.binding.bind({ householdId: '01890000-0000-7000-8000-00000000000a', householdName: 'Anna' });
  expect((await hub.ask({ url: '/bind' })).payload).toMatch(/belongs to Anna\. Let it go or hand it on/);
  expect((await hub.post('/bind/leave', { code: WRONG })).statusCode).toBe(409);
});

test('forms of other sites, names that are not the hub’s and bodies that are no forms are refused', async ({ hub }) => {
  const form = { code: WRONG, householdName: 'x' };
  const strangers: Record<string, string>[] = [
    { origin: 'https://evil.example' },
    { 'sec-fetch-site': 'cross-site' },
    { host: 'evil.example' },
  ];
  for (const headers of strangers) {
    expect((await hub.post('/bind/claims', form, headers)).statusCode).toBe(403);
  }
  expect((await hub.ask({ method: 'POST', url: '/bind/claims', payload: form })).statusCode).toBeGreaterThan(399);
  const bad: [string, Record<string, string>][] = [
    ['/bind/claims', { code: 'x'.repeat(33), householdName: 'y' }],
    ['/bind/claims', { code: WRONG }],
    ['/bind/claims', { code: WRONG, householdName: '   ' }],
    ['/bind/confirm', { claimId: 'none' }],
    ['/bind/leave', {}],
  ];
  for (const [url, body] of bad) expect((await hub.post(url, body)).statusCode).toBe(400);
  expect((await hub.post('/bind/claims', { code: WRONG, householdName: 'x'.repeat(5000) })).statusCode).toBe(413);
});
