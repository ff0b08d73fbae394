import { createPrivateKey, createPublicKey, sign, X509Certificate } from 'node:crypto';
import { ProvisioningError } from '../errors.js';
import { der } from './der.js';

const VERSION_1 = der('integer', Uint8Array.of(0));
/** 2.5.4.3. Source: RFC 4519, section 2.3. */
const COMMON_NAME = der('oid', Uint8Array.of(0x55, 0x04, 0x03));
/** 1.2.840.10045.4.3.2. Source: RFC 5758, section 3.2. */
const ECDSA_WITH_SHA256 = der('oid', Uint8Array.of(0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02));
const NO_UNUSED_BITS = Uint8Array.of(0);
const LINE_LENGTH = 64;

/**
 * A certificate signing request in PEM for a P-256 key, signed by it. Written by hand, for libraries that do it cost a hub
 * a fifth of its start. Source: RFC 2986, section 4.
 */
export function signingRequestFor(keyPem: string, commonName: string): string {
  const key = createPrivateKey(keyPem);
  const name = der('sequence', der('set', der('sequence', COMMON_NAME, der('utf8String', Buffer.from(commonName)))));
  const publicKey = createPublicKey(key).export({ type: 'spki', format: 'der' });
  const information = der('sequence', VERSION_1, name, publicKey, der('attributes'));
  const signature = der('bitString', NO_UNUSED_BITS, sign('sha256', information, key));
  return pem('CERTIFICATE REQUEST', der('sequence', information, der('sequence', ECDSA_WITH_SHA256), signature));
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

function pem(label: string, content: Uint8Array): string {
  const base64 = Buffer.from(content).toString('base64');
  const lines = base64.match(new RegExp(`.{1,${LINE_LENGTH}}`, 'g')) ?? [];
  return [`-----BEGIN ${label}-----`, ...lines, `-----END ${label}-----`, ''].join('\n');
}
