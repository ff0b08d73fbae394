import { ProvisioningError } from '../errors.js';
import { writeDurably } from '../fleet/durable-file.js';

/**
 * Replaces a file in one step, for its owner alone to read.
 * @throws ProvisioningError `tech.file-unwritable`
 */
export async function writeOutput(file: string, content: string | Uint8Array): Promise<void> {
  try {
    await writeDurably(file, content);
  } catch (cause) {
    throw unwritable(file, cause);
  }
}

export function unwritable(file: string, cause: unknown): ProvisioningError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new ProvisioningError('tech.file-unwritable', `${file}: ${reason}`, { cause });
}
