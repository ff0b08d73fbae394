import 'reflect-metadata';
import { createHash, webcrypto } from 'node:crypto';
import * as x509 from '@peculiar/x509';

const SIGNING = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;
const caKeys = await webcrypto.subtle.generateKey(SIGNING, true, ['sign', 'verify']);

/** A certificate for a public key, with the id that AWS IoT would give it. */
export async function certify(publicKey: x509.PublicKeyType): Promise<{ certificateId: string; certPem: string }> {
  const certificate = await x509.X509CertificateGenerator.create(
    {
      subject: 'CN=AWS IoT Certificate',
      issuer: 'CN=ca',
      publicKey,
      signingKey: caKeys.privateKey,
      signingAlgorithm: SIGNING,
    },
    webcrypto,
  );
  const certificateId = createHash('sha256').update(new Uint8Array(certificate.rawData)).digest('hex');
  return { certificateId, certPem: certificate.toString('pem') };
}

/** A P-256 key that is nobody's. */
export async function strangersKey(): Promise<webcrypto.CryptoKey> {
  return (await webcrypto.subtle.generateKey(SIGNING, true, ['sign', 'verify'])).publicKey;
}
