import { createPrivateKey, type KeyObject } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type { z } from 'zod';
import { parseJson } from '../../contract/index.js';
import { ProvisioningError } from '../errors.js';

/** More than any file that a person hands to the tool. */
const MAX_BYTES = 4 * 1024 * 1024;

/** @throws ProvisioningError `tech.file-unreadable` */
export async function readInput(file: string, what: string): Promise<string> {
  try {
    const bytes = await readFile(file);
    if (bytes.length > MAX_BYTES) throw unreadable(file, what, `${bytes.length} bytes, limit ${MAX_BYTES}`);
    return bytes.toString('utf8');
  } catch (cause) {
    if (cause instanceof ProvisioningError) throw cause;
    throw unreadable(file, what, cause instanceof Error ? cause.message : String(cause), cause);
  }
}

/** @throws ProvisioningError `tech.file-unreadable` */
export async function readJsonInput<T>(file: string, what: string, schema: z.ZodType<T>): Promise<T> {
  const parsed = parseJson(schema, await readInput(file, what));
  if (parsed.ok) return parsed.value;
  throw unreadable(file, what, parsed.refusals.map(({ path, reason }) => `${path} ${reason}`.trim()).join('; '));
}

/**
 * An Ed25519 private key in PEM.
 * @throws ProvisioningError `tech.file-unreadable`
 */
export async function readSigningKey(file: string): Promise<KeyObject> {
  const pem = await readInput(file, 'the signing key');
  const key = keyIn(pem);
  if (key?.asymmetricKeyType !== 'ed25519') throw unreadable(file, 'the signing key', 'no Ed25519 private key in PEM');
  return key;
}

function keyIn(pem: string): KeyObject | undefined {
  try {
    return createPrivateKey(pem);
  } catch {
    return undefined;
  }
}

function unreadable(file: string, what: string, reason: string, cause?: unknown): ProvisioningError {
  return new ProvisioningError('tech.file-unreadable', `${what} ${file}: ${reason}`, { cause });
}
