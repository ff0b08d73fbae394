import assert from 'node:assert';
import { HubError } from '../errors.js';
import type { Database } from './database.js';

/** What the glass has been through. Times by the wall clock; null: none that is known. */
export type Wear = {
  partialsSinceFull: number;
  /** The same, each weighted by the area that it changed. */
  ghostSpent: number;
  lastFullMs: number | null;
  lastRefreshMs: number | null;
};

/** What the hub knows of a display and its glass. */
export type DisplayRow = Wear & {
  displayId: string;
  panel: string;
  name: string;
  currentPresentationId: string | null;
  pendingPresentationId: string | null;
  /** The frame on the glass, if `glass` is known. */
  frameSha256: string | null;
  /** unknown: the process stopped in the middle of a refresh. */
  glass: 'unknown' | 'known';
  /** 1 while the panel may hold its high voltage. */
  awake: 0 | 1;
  restorePresentationId: string | null;
  restoreFrameSha256: string | null;
  restoreAtMs: number | null;
  updatedMs: number;
};

/** What a finished refresh left on the glass. */
export type Shown = {
  frameSha256: string;
  presentationId: string | null;
  wear: Wear;
  atMs: number;
};

/** What comes back to the glass, and when by the wall clock. */
export type Restore = { presentationId: string | null; frameSha256: string; atMs: number };

/** Whether what is on the glass is to be taken off it: it was a household's that has left. */
export function isCleared({ frameSha256, lastFullMs }: Pick<DisplayRow, 'frameSha256' | 'lastFullMs'>): boolean {
  return frameSha256 === null && lastFullMs !== null;
}

/** The hub's displays: minted once per panel, and what each shows. */
export class Displays {
  readonly #database: Database;
  readonly #statements;
  readonly #notify = () => this.#listener?.();
  #listener: (() => void) | undefined;

  constructor(database: Database) {
    this.#database = database;
    this.#statements = prepareAll(database);
  }

  /** Called after each commit that changed what a display is or shows. */
  onChange(listener: () => void): void {
    this.#listener = listener;
  }

  /** The display of a panel; its id is made at the first call and stays. */
  ensure(panel: string, fresh: { displayId: string; name: string; atMs: number }): DisplayRow {
    return this.#write(() => {
      this.#statements.ensure.run({ panel, ...fresh });
      const row = this.#statements.ofPanel.get(panel);
      assert(row !== undefined, 'just inserted');
      return row;
    });
  }

  get(displayId: string): DisplayRow | undefined {
    return this.#statements.get.get(displayId);
  }

  /** @throws HubError `display.unknown` */
  require(displayId: string): DisplayRow {
    const row = this.get(displayId);
    if (row === undefined) throw new HubError('display.unknown', `no display ${displayId}`);
    return row;
  }

  list(): DisplayRow[] {
    return this.#statements.list.all();
  }

  rename(displayId: string, name: string): void {
    this.#write(() => this.#statements.rename.run(name, displayId));
  }

  setPending(displayId: string, presentationId: string | null): void {
    this.#write(() => this.#statements.pending.run(presentationId, displayId));
  }

  /**
   * On disk before the first byte of a refresh leaves, so that a stop in the middle is not taken for the old picture, and
   * a hub that stops in each of its refreshes does not drive the glass without a rest.
   */
  beginRefresh(displayId: string, atMs: number): void {
    this.#database.write(() => this.#statements.begin.run(atMs, displayId));
  }

  /** Records the glass after a refresh; part of the transaction that holds its proof. Clears any restore. */
  setShown(displayId: string, { frameSha256, presentationId, wear, atMs }: Shown): void {
    this.#write(() => this.#statements.shown.run({ frameSha256, presentationId, ...wear, atMs, displayId }));
  }

  setRestore(displayId: string, restore: Restore): void {
    this.#write(() => this.#statements.restore.run({ ...restore, displayId }));
  }

  /** Nobody is told any more what was on the glass. */
  clear(displayId: string): void {
    this.#write(() => this.#statements.clear.run(displayId));
  }

  setAsleep(displayId: string): void {
    this.#database.write(() => this.#statements.asleep.run(displayId));
  }

  /** Frames that must stay on disk. */
  frames(): Set<string> {
    const hashes = this.list().flatMap((row) => [row.frameSha256, row.restoreFrameSha256]);
    return new Set(hashes.filter((hash) => hash !== null));
  }

  #write<T>(change: () => T): T {
    return this.#database.write(() => {
      this.#database.afterCommit(this.#notify);
      return change();
    });
  }
}

const COLUMNS = `display_id AS displayId, panel, name, current_presentation_id AS currentPresentationId,
  pending_presentation_id AS pendingPresentationId, frame_sha256 AS frameSha256, glass, awake,
  partials_since_full AS partialsSinceFull, coalesce(ghost_spent, partials_since_full) AS ghostSpent,
  last_full_ms AS lastFullMs, last_refresh_ms AS lastRefreshMs, restore_presentation_id AS restorePresentationId,
  restore_frame_sha256 AS restoreFrameSha256, restore_at_ms AS restoreAtMs, updated_ms AS updatedMs`;

function prepareAll(database: Database) {
  return {
    ensure: database.prepare<[Record<string, unknown>]>(
      `INSERT INTO display (display_id, panel, name, glass, awake, partials_since_full, updated_ms)
       VALUES (@displayId, @panel, @name, 'unknown', 0, 0, @atMs) ON CONFLICT (panel) DO NOTHING`,
    ),
    ofPanel: database.prepare<[string], DisplayRow>(`SELECT ${COLUMNS} FROM display WHERE panel = ?`),
    get: database.prepare<[string], DisplayRow>(`SELECT ${COLUMNS} FROM display WHERE display_id = ?`),
    list: database.prepare<[], DisplayRow>(`SELECT ${COLUMNS} FROM display ORDER BY display_id`),
    rename: database.prepare<[string, string]>('UPDATE display SET name = ? WHERE display_id = ?'),
    pending: database.prepare<[string | null, string]>(
      'UPDATE display SET pending_presentation_id = ? WHERE display_id = ?',
    ),
    begin: database.prepare<[number, string]>(
      "UPDATE display SET glass = 'unknown', awake = 1, last_refresh_ms = ? WHERE display_id = ?",
    ),
    shown: database.prepare<[Record<string, unknown>]>(
      `UPDATE display SET glass = 'known', frame_sha256 = @frameSha256, current_presentation_id = @presentationId,
         partials_since_full = @partialsSinceFull, ghost_spent = @ghostSpent, last_full_ms = @lastFullMs,
         last_refresh_ms = @lastRefreshMs, updated_ms = @atMs,
         pending_presentation_id = CASE WHEN pending_presentation_id IS @presentationId THEN NULL
           ELSE pending_presentation_id END,
         restore_presentation_id = NULL, restore_frame_sha256 = NULL, restore_at_ms = NULL
       WHERE display_id = @displayId`,
    ),
    clear: database.prepare<[string]>(
      `UPDATE display SET glass = 'unknown', frame_sha256 = NULL, current_presentation_id = NULL,
         restore_presentation_id = NULL, restore_frame_sha256 = NULL, restore_at_ms = NULL WHERE display_id = ?`,
    ),
    restore: database.prepare<[Record<string, unknown>]>(
      `UPDATE display SET restore_presentation_id = @presentationId, restore_frame_sha256 = @frameSha256,
         restore_at_ms = @atMs WHERE display_id = @displayId`,
    ),
    asleep: database.prepare<[string]>('UPDATE display SET awake = 0 WHERE display_id = ?'),
  };
}
