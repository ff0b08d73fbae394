import { PANELS, panelSpec } from '../../hardware/index.js';
import type { Blobs } from './blobs.js';
import type { Database } from './database.js';
import type { Displays } from './displays.js';
import type { Envelope, Inbox } from './inbox.js';
import type { Ledger } from './ledger.js';
import type { Presentation, Presentations } from './presentations.js';

export type HouseholdLeavingDeps = {
  database: Database;
  inbox: Pick<Inbox, 'get' | 'redact'>;
  ledger: Pick<Ledger, 'supersede'>;
  displays: Pick<Displays, 'list' | 'clear' | 'setPending' | 'rename' | 'frames'>;
  presentations: Pick<Presentations, 'all' | 'remove'>;
  frames: Pick<Blobs, 'clear'>;
  assets: Pick<Blobs, 'clear'>;
};

/** Takes off the hub what a household showed on it, so that the next one sees nothing of it. */
export class HouseholdLeaving {
  readonly #deps: HouseholdLeavingDeps;

  constructor(deps: HouseholdLeavingDeps) {
    this.#deps = deps;
  }

  /**
   * Ends and removes what was asked for before the command that parts hub and household, and gives the ids.
   * What came after it is the next household's.
   */
  forget(parting: Pick<Envelope, 'gen' | 'downSeq'>): ReadonlySet<string> {
    const { database, inbox, ledger, displays, presentations } = this.#deps;
    return database.write(() => {
      const old = presentations.all().filter((presentation) => !this.#isLater(presentation, parting));
      const ids = new Set(old.map(({ presentationId }) => presentationId));
      for (const id of ids) {
        // Its end is told to the cloud, where it is kept; here nothing is.
        ledger.supersede(id, null);
        presentations.remove(id);
      }
      inbox.redact(parting);
      for (const row of displays.list()) {
        displays.rename(row.displayId, firstNameOf(row.panel));
        const { currentPresentationId: current, pendingPresentationId: pending } = row;
        if (current === null || ids.has(current)) displays.clear(row.displayId);
        if (pending !== null && ids.has(pending)) displays.setPending(row.displayId, null);
      }
      return ids;
    });
  }

  /** Removes the frames and pictures that nothing refers to, and what the database's file still has of rows that are gone; to be repeated at each start of a hub without household. */
  async sweep(): Promise<void> {
    const { database, displays, presentations, frames, assets } = this.#deps;
    const pictures = presentations.all().flatMap(({ page }) => page.pictures.map(({ sha256 }) => sha256));
    await assets.clear(new Set(pictures));
    await frames.clear(displays.frames());
    database.scrub();
  }

  #isLater({ cmdId }: Presentation, parting: Pick<Envelope, 'gen' | 'downSeq'>): boolean {
    const row = cmdId === null ? undefined : this.#deps.inbox.get(cmdId);
    if (row === undefined) return false;
    return row.gen > parting.gen || (row.gen === parting.gen && row.downSeq > parting.downSeq);
  }
}

/** A panel that another build knew keeps a row here too. */
function firstNameOf(panel: string): string {
  return Object.hasOwn(PANELS, panel) ? panelSpec(panel).name : panel;
}
