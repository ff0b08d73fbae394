import { createHmac, timingSafeEqual } from 'node:crypto';
import { z } from 'zod';
import type { UploadTicket } from '../../contract/index.js';
import type { CloudContext } from '../context.js';

/** Leave to upload one asset. Whoever holds its address needs no other credential. */
export type Ticket = z.infer<typeof TicketSchema>;

/** How long a ticket is good for; without an upload its content has failed by then. */
export const TICKET_LIFE_MS = 60 * 60 * 1000;

const TicketSchema = z.object({
  householdId: z.uuid(),
  contentId: z.uuid(),
  assetIndex: z.number().int().nonnegative(),
  expiresMs: z.number().int(),
});

/** The address to which an asset is posted, on our own host. */
export function writeTicket({ keys, settings }: Pick<CloudContext, 'keys' | 'settings'>, ticket: Ticket): UploadTicket {
  const { householdId, contentId, assetIndex, expiresMs } = ticket;
  const body = Buffer.from(JSON.stringify([householdId, contentId, assetIndex, expiresMs])).toString('base64url');
  return {
    assetIndex,
    url: `${settings.publicUrl}/uploads/${body}.${sign({ keys }, body).toString('base64url')}`,
    fields: {},
    expiresAt: new Date(expiresMs).toISOString(),
  };
}

/** What a ticket allows; undefined when it is not one of ours, or no longer good. */
export function readTicket({ keys, clock }: Pick<CloudContext, 'keys' | 'clock'>, token: string): Ticket | undefined {
  const [body = '', signature = ''] = token.split('.', 2);
  const expected = sign({ keys }, body);
  const given = Buffer.from(signature, 'base64url');
  if (given.length !== expected.length || !timingSafeEqual(given, expected)) return undefined;
  const [householdId, contentId, assetIndex, expiresMs] = z
    .array(z.unknown())
    .parse(JSON.parse(Buffer.from(body, 'base64url').toString()));
  const ticket = TicketSchema.parse({ householdId, contentId, assetIndex, expiresMs });
  return ticket.expiresMs > clock.now() ? ticket : undefined;
}

function sign({ keys }: Pick<CloudContext, 'keys'>, body: string): Buffer {
  return createHmac('sha256', keys.derive('upload-url')).update(body).digest();
}
