import { createHmac, timingSafeEqual } from 'node:crypto';
import { parse, stringify } from 'uuid';
import type { UploadTicket } from '../../contract/index.js';
import type { CloudContext } from '../context.js';

/** Leave to upload one asset. Whoever holds its address needs no other credential. */
export type Ticket = { householdId: string; contentId: string; assetIndex: number; expiresMs: number };

/** How long a ticket is good for; without an upload its content has failed by then. */
export const TICKET_LIFE_MS = 60 * 60 * 1000;

/** Two ids of 16 bytes, the index in 2 and the end in seconds in 4: short enough for one part of a path. */
const BODY_BYTES = 38;
/** Half a SHA-256 is 128 bits, which nobody guesses in an hour. */
const MAC_BYTES = 16;

/** The address to which an asset is posted, on our own host. */
export function writeTicket({ keys, settings }: Pick<CloudContext, 'keys' | 'settings'>, ticket: Ticket): UploadTicket {
  const expiresS = Math.floor(ticket.expiresMs / 1000);
  const body = Buffer.alloc(BODY_BYTES);
  body.set(parse(ticket.householdId), 0);
  body.set(parse(ticket.contentId), 16);
  body.writeUInt16BE(ticket.assetIndex, 32);
  body.writeUInt32BE(expiresS, 34);
  return {
    assetIndex: ticket.assetIndex,
    url: `${settings.publicUrl}/uploads/${Buffer.concat([body, sign({ keys }, body)]).toString('base64url')}`,
    fields: {},
    expiresAt: new Date(expiresS * 1000).toISOString(),
  };
}

/** What a ticket allows; undefined when it is not one of ours, or no longer good. */
export function readTicket({ keys, clock }: Pick<CloudContext, 'keys' | 'clock'>, token: string): Ticket | undefined {
  const bytes = Buffer.from(token, 'base64url');
  if (bytes.length !== BODY_BYTES + MAC_BYTES || bytes.toString('base64url') !== token) return undefined;
  const body = bytes.subarray(0, BODY_BYTES);
  if (!timingSafeEqual(sign({ keys }, body), bytes.subarray(BODY_BYTES))) return undefined;
  const ticket = {
    householdId: stringify(body, 0),
    contentId: stringify(body, 16),
    assetIndex: body.readUInt16BE(32),
    expiresMs: body.readUInt32BE(34) * 1000,
  };
  return ticket.expiresMs > clock.now() ? ticket : undefined;
}

function sign({ keys }: Pick<CloudContext, 'keys'>, body: Buffer): Buffer {
  return createHmac('sha256', keys.derive('upload-url')).update(body).digest().subarray(0, MAC_BYTES);
}
