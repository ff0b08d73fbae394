import { createPrivateKey, X509Certificate } from 'node:crypto';
import { readdir, stat } from 'node:fs/promises';
import path from 'node:path';
import { ProvisioningError } from '../../errors.js';
import { readIfThere } from '../../fleet/durable-file.js';
import { KeyStore } from '../../fleet/key-store.js';
import { type Found, failed, notAsked, ok, unknown } from './finding.js';

const OTHERS_BITS = 0o077;

/** Whether the claim certificate may still ask for a device certificate. */
export async function claimCertificate(
  certFile: string | undefined,
  keyFile: string | undefined,
  nowMs: number,
): Promise<Found> {
  if (certFile === undefined) return notAsked('--claim-cert');
  const certPem = await read(certFile);
  if (certPem === undefined) {
    return unknown('claim.unreadable', `${certFile} is not there: a hub wipes its key after use, or it never had one`);
  }
  const keyPem = keyFile === undefined ? undefined : await read(keyFile);
  return judged('claim', certPem, keyPem, nowMs);
}

/** How far the hub on this machine has come, and whether its files are whole and closed. */
export async function identityFolder(dataDir: string | undefined, nowMs: number): Promise<Found> {
  if (dataDir === undefined) return notAsked('--data-dir, on the hub,');
  const dir = path.join(dataDir, 'identity');
  try {
    const store = new KeyStore({ dir });
    const { phase } = await store.readState();
    const open = await openToOthers(dir);
    if (open !== undefined) return failed('identity.too-open', `${open} can be read by others`);
    const identity = await store.identity();
    if (identity === undefined) return unknown('identity.not-active', `it is ${phase}`);
    return judged('identity', identity.certPem, identity.keyPem, nowMs);
  } catch (error) {
    if (error instanceof ProvisioningError) {
      const advice = 'ask for a ticket, remove the folder identity and provision again';
      return { status: 'failed', code: error.code, message: error.message, advice };
    }
    return unknown('identity.unreadable', error instanceof Error ? error.message : String(error));
  }
}

function judged(what: 'claim' | 'identity', certPem: string, keyPem: string | undefined, nowMs: number): Found {
  try {
    const certificate = new X509Certificate(certPem);
    const { validFrom, validTo } = certificate;
    if (nowMs < Date.parse(validFrom) || nowMs > Date.parse(validTo)) {
      return failed(`${what}.not-its-day`, `good from ${validFrom} until ${validTo}`);
    }
    if (keyPem !== undefined && !certificate.checkPrivateKey(createPrivateKey(keyPem))) {
      return failed(`${what}.wrong-key`, 'the key is not that of the certificate');
    }
    return ok(`good until ${validTo}`);
  } catch {
    return failed(`${what}.unreadable`, 'no certificate or no key in PEM');
  }
}

async function openToOthers(dir: string): Promise<string | undefined> {
  for (const name of await readdir(dir).catch(() => [])) {
    const file = path.join(dir, name);
    if (((await stat(file)).mode & OTHERS_BITS) !== 0) return file;
  }
  return undefined;
}

async function read(file: string): Promise<string | undefined> {
  return await readIfThere(file).catch(() => '');
}
