import { createHmac, timingSafeEqual } from 'node:crypto';
import type { OutputFormat } from '../../contract/index.js';
import type { CloudContext } from '../context.js';

/** One picture of one presentation. */
export type ImageName = { householdId: string; presentationId: string; format: OutputFormat };

const LINK_LIFE_MS = 60 * 60 * 1000;

/** An address of our own that shows the picture to whoever holds it, until it expires. */
export function writeImageLink(
  { keys, settings, clock }: Pick<CloudContext, 'keys' | 'settings' | 'clock'>,
  name: ImageName,
): { url: string; expiresAt: string } {
  const expires = Math.ceil((clock.now() + LINK_LIFE_MS) / 1000);
  const path = `/images/${name.householdId}/${name.presentationId}.${name.format}`;
  const signature = sign({ keys }, name, expires).toString('base64url');
  return {
    url: `${settings.publicUrl}${path}?expires=${expires}&signature=${signature}`,
    expiresAt: new Date(expires * 1000).toISOString(),
  };
}

/** Whether we signed this address, and it is still good. */
export function isGoodImageLink(
  { keys, clock }: Pick<CloudContext, 'keys' | 'clock'>,
  name: ImageName,
  { expires, signature }: { expires: number; signature: string },
): boolean {
  const expected = sign({ keys }, name, expires);
  const given = Buffer.from(signature, 'base64url');
  return given.length === expected.length && timingSafeEqual(given, expected) && expires * 1000 > clock.now();
}

function sign({ keys }: Pick<CloudContext, 'keys'>, name: ImageName, expires: number): Buffer {
  const text = [name.householdId, name.presentationId, name.format, expires].join('/');
  return createHmac('sha256', keys.derive('image-url')).update(text).digest();
}
