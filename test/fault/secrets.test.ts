import { generateKeyPairSync } from 'node:crypto';
import { expect, test } from 'vitest';
import { Secrets } from './secrets.js';

const key = () => generateKeyPairSync('ec', { namedCurve: 'prime256v1' }).privateKey;
const keyPem = key().export({ type: 'pkcs8', format: 'pem' }).toString();
const { d = '' } = key().export({ format: 'jwk' });

function secrets(): Secrets {
  const known = new Secrets();
  known.addKey('device key', keyPem);
  known.add('ownership token', 'x'.repeat(40));
  return known;
}

test.each([
  ['the whole key in JSON', JSON.stringify({ keyPem }), ['device key', '/PRIVATE KEY/']],
  ['the body of the key without its line breaks', keyPem.replaceAll(/-----[^-]+-----|\s/g, ''), ['device key']],
  ['one line of the key', `x${keyPem.split('\n')[2]}x`, ['device key']],
  ['the key of somebody else', '-----BEGIN EC PRIVATE KEY-----', ['/PRIVATE KEY/']],
  ['a token', `token=${'x'.repeat(40)};`, ['ownership token']],
  ['nothing', `{"msg":"device key made","d":"${d}"}`, []],
  ['what all keys have in common', keyPem.split('\n')[1]?.slice(0, 48) ?? '', []],
])('%s is found', (_, text, names) => {
  expect(secrets().in(text)).toEqual(names);
});

test('a JWT is found, whoever signed it', () => {
  const part = (json: object) => Buffer.from(JSON.stringify(json)).toString('base64url');
  const token = `${part({ alg: 'ES256', kid: 'x' })}.${part({ sub: 'inklet-a', exp: 1 })}.c2lnbmF0dXJl`;
  expect(secrets().in(`authorization: Bearer ${token}`)).toHaveLength(1);
});

test('half a key is passed over', () => {
  const known = new Secrets();
  known.addKey('device key', keyPem.slice(0, 90));
  expect(known.in(keyPem.slice(0, 90))).toEqual(['/PRIVATE KEY/']);
});
