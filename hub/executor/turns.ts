import type { CommandKind } from '../../contract/index.js';
import { type InboxRow, isNewer } from '../storage/inbox.js';

type Place = Pick<InboxRow, 'kind' | 'slot' | 'gen' | 'rev' | 'downSeq'>;

/** They tell whose the hub is. */
const BINDING_KINDS = new Set<string>(['bound', 'unbound'] satisfies readonly CommandKind[]);
/** They mean something to a hub that is whose it was when they were sent. */
const CLAIM_KINDS = new Set<string>(['claim_code', 'claim_asked', 'claim_over'] satisfies readonly CommandKind[]);
const BINDING_LINE = 'binding';

/**
 * The line in which a command waits for its turn: that of its slot. Whose the hub is and who may claim it wait in one, in
 * down order: a code that came behind the word that the hub was let go is for a hub that has left.
 */
export function lineOf({ kind, slot }: Pick<Place, 'kind' | 'slot'>): string {
  return BINDING_KINDS.has(kind) || CLAIM_KINDS.has(kind) ? BINDING_LINE : slot;
}

/** Whether what runs in the line gives way to what has come: to a newer one of its slot, or to a later word of whose the hub is. */
export function overtakes(come: Place, running: Place): boolean {
  if (come.slot === running.slot) return isNewer(come, running);
  const isLater = come.gen > running.gen || (come.gen === running.gen && come.downSeq > running.downSeq);
  return BINDING_KINDS.has(come.kind) && isLater;
}
