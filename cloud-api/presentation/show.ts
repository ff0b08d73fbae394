import { and, eq, inArray, ne } from 'drizzle-orm';
import type { Page } from '../../contract/index.js';
import type { Commands } from '../command/commands.js';
import type { Tx } from '../database/database.js';
import { display } from '../display/tables.js';
import { presentation } from './tables.js';

/** A presentation on its way to its display. */
export type Showing = {
  householdId: string;
  hubId: string;
  displayId: string;
  presentationId: string;
  page: Page;
  askedAt: Date;
};

/**
 * Sends a presentation to its display, in the caller's transaction, and gives the id of its command. It is the newest, so
 * it wins: what was queued for the display and had not reached the hub will never be shown, and expires.
 */
export async function send(tx: Tx, commands: Pick<Commands, 'enqueueCommand'>, showing: Showing): Promise<string> {
  const { householdId, hubId, displayId, presentationId, page, askedAt } = showing;
  const { command, superseded } = await commands.enqueueCommand(tx, {
    hubId,
    householdId,
    slot: `frame:${displayId}`,
    kind: page.pictures.length > 0 ? 'image' : 'text',
    body: { displayId, presentationId, askedAt: askedAt.toISOString(), page },
  });
  const lost = superseded.map(({ cmdId }) => cmdId);
  if (lost.length > 0) {
    await tx
      .update(presentation)
      .set({ state: 'expired', updatedAt: askedAt })
      .where(and(inArray(presentation.commandId, lost), eq(presentation.state, 'queued')));
  }
  await tx.update(display).set({ pendingPresentationId: presentationId }).where(eq(display.id, displayId));
  return command.cmdId;
}

/** Sends a presentation that is stored already, once more. What the glass shows stays confirmed meanwhile. */
export async function sendAgain(tx: Tx, commands: Pick<Commands, 'enqueueCommand'>, showing: Showing): Promise<void> {
  const { presentationId, askedAt } = showing;
  const commandId = await send(tx, commands, showing);
  await tx.update(presentation).set({ commandId, askedAt }).where(eq(presentation.id, presentationId));
  await tx
    .update(presentation)
    .set({ state: 'queued', failure: null, updatedAt: askedAt })
    .where(and(eq(presentation.id, presentationId), ne(presentation.state, 'confirmed')));
}
