import 'reflect-metadata';
import { createPublicKey, generateKeyPairSync, webcrypto } from 'node:crypto';
import * as x509 from '@peculiar/x509';
import { describe, expect, test } from 'vitest';
import { signingRequestFor } from './csr.js';
import { der } from './der.js';

function newKey(): string {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
  return privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
}

describe('a signing request', () => {
  test.each(['inklet-mb7yh3zgam6nxiyv', 'Küche', 'x'.repeat(64)])(
    'a library reads it, and the key is its own: %s',
    async (name) => {
      const keyPem = newKey();
      const request = new x509.Pkcs10CertificateRequest(signingRequestFor(keyPem, name));
      expect(await request.verify(webcrypto)).toBe(true);
      expect(request.subjectName.getField('CN')).toEqual([name]);
      expect(request.attributes).toEqual([]);
      const spki = createPublicKey(keyPem).export({ type: 'spki', format: 'der' });
      expect(Buffer.from(request.publicKey.rawData)).toEqual(spki);
    },
  );

  test('every signature fits, however long its numbers come out', async () => {
    for (let round = 0; round < 50; round += 1) {
      const request = new x509.Pkcs10CertificateRequest(signingRequestFor(newKey(), 'hub'));
      expect(await request.verify(webcrypto)).toBe(true);
    }
  });
});

test.each([
  [0, '3000'],
  [127, '307f'],
  [128, '308180'],
  [255, '3081ff'],
  [256, '30820100'],
  [4096, '30821000'],
])('a sequence of %i bytes has the shortest length that DER allows', (size, head) => {
  const written = der('sequence', new Uint8Array(size));
  expect(written.toString('hex').startsWith(head)).toBe(true);
  expect(written).toHaveLength(head.length / 2 + size);
});
