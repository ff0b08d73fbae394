import 'reflect-metadata';
import { createPrivateKey, createPublicKey, webcrypto, X509Certificate } from 'node:crypto';
import * as x509 from '@peculiar/x509';
import { ProvisioningError } from '../errors.js';

const SIGNING = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;

/** A certificate signing request (PKCS#10, PEM) for a P-256 key, signed by it. */
export async function signingRequestFor(keyPem: string, commonName: string): Promise<string> {
  const request = await x509.Pkcs10CertificateRequestGenerator.create(
    { name: `CN=${commonName}`, keys: await keyPairOf(keyPem), signingAlgorithm: SIGNING },
    webcrypto,
  );
  return request.toString('pem');
}

/**
 * Makes sure that a certificate is for this key.
 * @throws ProvisioningError `claim.bad-answer`
 */
export function requireCertificateFor(keyPem: string, certPem: string): void {
  let isOurs: boolean;
  try {
    isOurs = new X509Certificate(certPem).publicKey.equals(createPublicKey(keyPem));
  } catch (cause) {
    throw new ProvisioningError('claim.bad-answer', 'what was issued is not a certificate', { cause });
  }
  if (!isOurs) throw new ProvisioningError('claim.bad-answer', 'the certificate was issued for another key');
}

async function keyPairOf(keyPem: string): Promise<webcrypto.CryptoKeyPair> {
  const pkcs8 = createPrivateKey(keyPem).export({ type: 'pkcs8', format: 'der' });
  const spki = createPublicKey(keyPem).export({ type: 'spki', format: 'der' });
  return {
    privateKey: await webcrypto.subtle.importKey('pkcs8', pkcs8, SIGNING, false, ['sign']),
    publicKey: await webcrypto.subtle.importKey('spki', spki, SIGNING, true, ['verify']),
  };
}
