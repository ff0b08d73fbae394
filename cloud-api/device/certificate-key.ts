import { createHash, type KeyObject, X509Certificate } from 'node:crypto';

/** A certificate's public key, and the hash by which it is found again. */
export type CertificateKey = { publicKeyPem: string; publicKeySha256: string };

const MIN_RSA_BITS = 2048;

/** The key of a certificate; undefined unless it is EC P-256, or RSA of 2048 bits or more. */
export function keyOfCertificate(pem: string): CertificateKey | undefined {
  const key = publicKeyOf(pem);
  if (key === undefined || !isStrong(key)) return undefined;
  return {
    publicKeyPem: key.export({ type: 'spki', format: 'pem' }).toString(),
    publicKeySha256: createHash('sha256')
      .update(key.export({ type: 'spki', format: 'der' }))
      .digest('hex'),
  };
}

function publicKeyOf(pem: string): KeyObject | undefined {
  try {
    return new X509Certificate(pem).publicKey;
  } catch {
    return undefined;
  }
}

function isStrong({ asymmetricKeyType, asymmetricKeyDetails }: KeyObject): boolean {
  if (asymmetricKeyType === 'rsa') return (asymmetricKeyDetails?.modulusLength ?? 0) >= MIN_RSA_BITS;
  return asymmetricKeyType === 'ec' && asymmetricKeyDetails?.namedCurve === 'prime256v1';
}
