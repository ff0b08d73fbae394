import 'reflect-metadata';
import { createHash, createPrivateKey, createPublicKey, webcrypto } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import * as x509 from '@peculiar/x509';
import { SimError } from '../errors.js';
import { writeDurably } from './durable-file.js';

const SIGNING = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;
const MIN_RSA_BITS = 2048;

/** Device certificates of AWS IoT Core end on this day; those with a key of ours begin before any clock that TLS would accept. */
const VALID_FROM = new Date('2020-01-01T00:00:00Z');
const VALID_UNTIL = new Date('2049-12-31T23:59:59Z');
/** A clock may be a little behind the one that issued a certificate. */
const BEGUN_BEFORE_MS = 10 * 60_000;

export interface Credentials {
  readonly certificateId: string;
  readonly certPem: string;
  /** PKCS#8. */
  readonly keyPem: string;
}

interface Issuer {
  readonly certificate: x509.X509Certificate;
  readonly key: webcrypto.CryptoKey;
}

/** The certificate authority of the stand-in; its key stays in its folder. */
export class CertificateAuthority {
  readonly caFile: string;
  readonly caPem: string;
  readonly server: { readonly certPem: string; readonly keyPem: string };
  readonly #issuer: Issuer;

  private constructor(caFile: string, issuer: Issuer, server: { certPem: string; keyPem: string }) {
    this.caFile = caFile;
    this.caPem = pem(issuer.certificate);
    this.server = server;
    this.#issuer = issuer;
  }

  /** Reads authority and server certificate from the folder, or makes them there on first use. */
  static async open(dir: string): Promise<CertificateAuthority> {
    x509.cryptoProvider.set(webcrypto);
    const file = (name: string) => path.join(dir, name);
    if (!existsSync(file('server.pem'))) await make(file);
    try {
      const issuer = {
        certificate: new x509.X509Certificate(readFileSync(file('ca.pem'), 'utf8')),
        key: await importKey(readFileSync(file('ca.key'), 'utf8')),
      };
      const server = {
        certPem: readFileSync(file('server.pem'), 'utf8'),
        keyPem: readFileSync(file('server.key'), 'utf8'),
      };
      return new CertificateAuthority(file('ca.pem'), issuer, server);
    } catch (cause) {
      throw new SimError('iot.state-unreadable', `certificate authority in ${dir} cannot be read`, { cause });
    }
  }

  /** Makes a key and a client certificate for it. */
  async issueWithKey(commonName: string): Promise<Credentials> {
    const keys = await generateKeys();
    const certificate = await sign(this.#issuer, commonName, keys.publicKey, clientExtensions());
    return {
      certificateId: certificateIdOf(certificate.rawData),
      certPem: pem(certificate),
      keyPem: await keyPem(keys),
    };
  }

  /**
   * Signs the key of a certificate signing request, after its proof of possession has been checked. The certificate begins
   * about now.
   * @throws SimError `iot.csr-invalid`
   */
  async issueFromCsr(csrPem: string, nowMs: number): Promise<Omit<Credentials, 'keyPem'>> {
    const csr = await checkedRequest(csrPem);
    const notBefore = new Date(nowMs - BEGUN_BEFORE_MS);
    const certificate = await sign(this.#issuer, 'AWS IoT Certificate', csr.publicKey, clientExtensions(), notBefore);
    return { certificateId: certificateIdOf(certificate.rawData), certPem: pem(certificate) };
  }
}

/** AWS names a certificate by the SHA-256 of its DER form, 64 hex digits. */
export function certificateIdOf(der: ArrayBuffer | Uint8Array): string {
  return createHash('sha256').update(new Uint8Array(der)).digest('hex');
}

async function make(file: (name: string) => string): Promise<void> {
  const caKeys = await generateKeys();
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    name: 'CN=Inklet IoT Core stand-in',
    keys: caKeys,
    signingAlgorithm: SIGNING,
    notBefore: VALID_FROM,
    notAfter: VALID_UNTIL,
    extensions: [
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
      await x509.SubjectKeyIdentifierExtension.create(caKeys.publicKey),
    ],
  });
  const serverKeys = await generateKeys();
  const server = await sign({ certificate, key: caKeys.privateKey }, 'localhost', serverKeys.publicKey, [
    new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth]),
    new x509.SubjectAlternativeNameExtension([
      { type: 'dns', value: 'localhost' },
      { type: 'ip', value: '127.0.0.1' },
      { type: 'ip', value: '::1' },
    ]),
  ]);
  writeDurably(file('ca.key'), await keyPem(caKeys));
  writeDurably(file('ca.pem'), pem(certificate));
  writeDurably(file('server.key'), await keyPem(serverKeys));
  writeDurably(file('server.pem'), pem(server)); // last: its presence says that all four are there
}

async function sign(
  issuer: Issuer,
  commonName: string,
  publicKey: x509.PublicKeyType,
  extensions: x509.Extension[],
  notBefore = VALID_FROM,
): Promise<x509.X509Certificate> {
  return await x509.X509CertificateGenerator.create({
    subject: `CN=${commonName}`,
    issuer: issuer.certificate.subject,
    publicKey,
    signingKey: issuer.key,
    signingAlgorithm: SIGNING,
    notBefore,
    notAfter: VALID_UNTIL,
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
      await x509.AuthorityKeyIdentifierExtension.create(issuer.certificate.publicKey),
      ...extensions,
    ],
  });
}

function clientExtensions(): x509.Extension[] {
  return [new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.clientAuth])];
}

async function checkedRequest(csrPem: string): Promise<x509.Pkcs10CertificateRequest> {
  let signed: boolean;
  let csr: x509.Pkcs10CertificateRequest;
  try {
    csr = new x509.Pkcs10CertificateRequest(csrPem);
    signed = await csr.verify();
  } catch (cause) {
    throw new SimError('iot.csr-invalid', 'not a PKCS#10 certificate signing request', { cause });
  }
  if (!signed) throw new SimError('iot.csr-invalid', 'signature does not match the key of the request');
  const key = createPublicKey({ key: Buffer.from(csr.publicKey.rawData), format: 'der', type: 'spki' });
  const { namedCurve, modulusLength = 0 } = key.asymmetricKeyDetails ?? {};
  const isGood = ['prime256v1', 'secp384r1', 'secp521r1'].includes(namedCurve ?? '') || modulusLength >= MIN_RSA_BITS;
  if (!isGood) throw new SimError('iot.csr-invalid', `key ${key.asymmetricKeyType} is of a kind or size not taken`);
  return csr;
}

async function generateKeys(): Promise<webcrypto.CryptoKeyPair> {
  return await webcrypto.subtle.generateKey(SIGNING, true, ['sign', 'verify']);
}

async function importKey(text: string): Promise<webcrypto.CryptoKey> {
  const der = createPrivateKey(text).export({ format: 'der', type: 'pkcs8' });
  return await webcrypto.subtle.importKey('pkcs8', der, SIGNING, false, ['sign']);
}

async function keyPem(keys: webcrypto.CryptoKeyPair): Promise<string> {
  return x509.PemConverter.encode(await webcrypto.subtle.exportKey('pkcs8', keys.privateKey), 'PRIVATE KEY');
}

function pem(certificate: x509.X509Certificate): string {
  return `${certificate.toString('pem')}\n`;
}
