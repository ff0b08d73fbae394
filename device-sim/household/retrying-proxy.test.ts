import { once } from 'node:events';
import { createServer } from 'node:http';
import { test as base, expect } from 'vitest';
import { z } from 'zod';
import { type ExchangeFault, startRetryingProxy } from './retrying-proxy.js';

const AddressSchema = z.object({ port: z.number() });
const CREATED = 201;

/** A service that counts what it is told, behind a proxy. */
const test = base
  .extend('faults', (): (ExchangeFault | undefined)[] => [])
  .extend('heard', (): string[] => [])
  .extend('replies', (): string[] => [])
  .extend('service', async ({ heard }, { onCleanup }) => {
    const service = createServer(async (request, response) => {
      let body = '';
      for await (const piece of request.setEncoding('utf8')) body += piece;
      heard.push(`${request.method} ${request.url} ${request.headers.authorization} ${body}`);
      response.writeHead(CREATED, { 'x-told': 'yes' }).end(String(heard.length));
    });
    service.listen(0, '127.0.0.1');
    await once(service, 'listening');
    onCleanup(() => {
      service.closeAllConnections();
      service.close();
    });
    return service;
  })
  .extend('proxy', async ({ service, faults, replies }, { onCleanup }) => {
    const target = `http://127.0.0.1:${AddressSchema.parse(service.address()).port}`;
    const proxy = await startRetryingProxy({
      target,
      faultOf: () => faults.shift(),
      onReply: ({ path, body }, { status, body: reply }) => replies.push(`${path} ${body} ${status} ${reply}`),
    });
    onCleanup(() => proxy.stop());
    return proxy;
  })
  .extend('say', ({ proxy }) => async (body: string) => {
    const headers = { authorization: 'me' };
    const response = await fetch(`http://127.0.0.1:${proxy.port}/path?q`, { method: 'POST', headers, body });
    return `${response.status} ${response.headers.get('x-told')} ${await response.text()}`;
  });

const told = (count: number) => `${CREATED} yes ${count}`;
const said = (body: string) => `POST /path?q me ${body}`;

test('what nothing is wrong with is handed on as it is, and so is the reply', async ({ say, heard }) => {
  expect(await say('a')).toBe(told(1));
  expect(heard).toEqual([said('a')]);
});

test('a request that is sent twice is answered by the second reply', async ({ say, heard, faults }) => {
  faults.push('twice');
  expect(await say('a')).toBe(told(2));
  expect(heard).toEqual([said('a'), said('a')]);
});

test('a request that is sent again comes after the next one', async ({ say, heard, faults }) => {
  faults.push('again-later');
  expect(await say('a')).toBe(told(1));
  expect(await say('b')).toBe(told(2));
  expect(heard).toEqual([said('a'), said('b'), said('a')]);
});

test('a request that is late breaks the connection and comes after the next one', async ({ say, heard, faults }) => {
  faults.push('late');
  await expect(say('a')).rejects.toThrow();
  expect(await say('b')).toBe(told(1));
  expect(heard).toEqual([said('b'), said('a')]);
});

test('a reply that is lost leaves the service having done what it was asked', async ({ say, heard, faults }) => {
  faults.push('reply-lost');
  await expect(say('a')).rejects.toThrow();
  expect(heard).toEqual([said('a')]);
});

test('a reply may be that of the exchange before', async ({ say, heard, faults }) => {
  faults.push(undefined, 'reply-of-before');
  expect([await say('a'), await say('b'), await say('c')]).toEqual([told(1), told(1), told(3)]);
  expect(heard).toHaveLength(3);
});

test('what is held back can be let go, and is sent once', async ({ proxy, say, heard, faults }) => {
  faults.push('late');
  await expect(say('a')).rejects.toThrow();
  await proxy.flush();
  await proxy.flush();
  expect(heard).toEqual([said('a')]);
});

test('a service that is away breaks the connection of whoever asks', async ({ service, say }) => {
  service.closeAllConnections();
  service.close();
  await once(service, 'close');
  await expect(say('a')).rejects.toThrow();
});

test('every reply of the service is told of, also one that its client never gets', async ({ say, replies, faults }) => {
  faults.push('reply-lost', 'twice');
  await expect(say('a')).rejects.toThrow();
  await say('b');
  expect(replies).toEqual([`/path?q a ${CREATED} 1`, `/path?q b ${CREATED} 2`, `/path?q b ${CREATED} 3`]);
});
