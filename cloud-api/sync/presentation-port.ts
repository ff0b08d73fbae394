import type { HubEvent } from '../../contract/index.js';
import type { Tx } from '../database/database.js';

/** The hub that an event came from. */
export type EventSource = { hubId: string; householdId: string | null };

/** What a hub told about one presentation. */
export type PresentationEvent = Extract<HubEvent, { type: `presentation.${string}` }>;

/** A command that reached a state by another way than a presentation event. */
export type CommandChange = {
  cmdId: string;
  kind: string;
  state: 'RECEIVED' | 'APPLIED' | 'FAILED' | 'SUPERSEDED' | 'EXPIRED' | 'UNKNOWN';
  /** Why, where there is a reason. */
  code: string | null;
  message: string | null;
};

/**
 * What sync, commands and devices need of the presentation module. All run in the transaction that notes the cause, as the
 * system role, so that an effect happens exactly once; what they throw for a bad event makes that event dead.
 */
export type PresentationPort = {
  /** Called once per accepted event, in the order of its lane; the ids in it are unchecked: look whose they are. */
  applyPresentationEvent: (tx: Tx, source: EventSource, event: PresentationEvent) => Promise<void>;
  /** Called when commands of a hub were received, ended, superseded by a newer one, expired or withdrawn. */
  commandsChanged: (tx: Tx, source: EventSource, changes: readonly CommandChange[]) => Promise<void>;
  /** Called when displays leave the household of the source: nothing is shown on them any more, as far as it is concerned. */
  displaysReleased: (tx: Tx, source: EventSource, displayIds: readonly string[]) => Promise<void>;
};
