import { ProvisioningError } from '../../errors.js';

/**
 * The text of an answer, no longer than so many bytes.
 * @throws ProvisioningError `cloud.bad-answer`
 */
export async function readLimited(response: Response, mostBytes: number): Promise<string> {
  const pieces: Uint8Array[] = [];
  let bytes = 0;
  for await (const piece of response.body ?? []) {
    pieces.push(piece);
    bytes += piece.length;
    if (bytes > mostBytes) throw new ProvisioningError('cloud.bad-answer', `more than ${mostBytes} bytes`);
  }
  return Buffer.concat(pieces).toString('utf8');
}
