import { type Page, PageSchema } from '../../contract/index.js';
import type { Database } from './database.js';

export type PresentationState = 'received' | 'rendered' | 'confirmed' | 'superseded' | 'failed';

/** Contents prepared for one display, and how far they are. Times are wall clock, in milliseconds since 1970. */
export type Presentation = {
  presentationId: string;
  displayId: string;
  cmdId: string | null;
  origin: 'cloud' | 'local';
  state: PresentationState;
  page: Page;
  frameSha256: string | null;
  code: string | null;
  message: string | null;
  askedMs: number;
  receivedMs: number;
  renderedMs: number | null;
  paintedMs: number | null;
  confirmedMs: number | null;
};

type Row = Omit<Presentation, 'page'> & { page: string };

// Ended presentations are kept for the household's page only; the cloud has the history.
const KEPT_ENDED = 200;

/** What was asked to be shown on this hub, by the cloud or at the hub. */
export class Presentations {
  readonly #statements;

  constructor(database: Database) {
    this.#statements = prepareAll(database);
  }

  insert(
    fresh: Pick<Presentation, 'presentationId' | 'displayId' | 'cmdId' | 'origin' | 'page' | 'askedMs' | 'receivedMs'>,
  ): void {
    this.#statements.insert.run({ ...fresh, page: JSON.stringify(fresh.page) });
    this.#statements.prune.run(KEPT_ENDED);
  }

  get(presentationId: string): Presentation | undefined {
    const row = this.#statements.get.get(presentationId);
    return row === undefined ? undefined : fromRow(row);
  }

  /** The one that a command asked for, while it has not ended. */
  openOf(cmdId: string): Presentation | undefined {
    const row = this.#statements.openOf.get(cmdId);
    return row === undefined ? undefined : fromRow(row);
  }

  /** Accepted and not yet ended, oldest first. */
  open(): Presentation[] {
    return this.#statements.open.all().map(fromRow);
  }

  /** All that are still known, ended or not. */
  all(): Presentation[] {
    return this.#statements.all.all().map(fromRow);
  }

  /** Why what was asked for last on a display could not be shown, if so. */
  lastFailureOf(displayId: string): { code: string; message: string } | undefined {
    const row = this.#statements.last.get(displayId);
    return row?.state === 'failed' ? { code: row.code ?? 'display.failed', message: row.message ?? '' } : undefined;
  }

  remove(presentationId: string): void {
    this.#statements.remove.run(presentationId);
  }

  setRendered(presentationId: string, frameSha256: string, atMs: number): void {
    this.#statements.rendered.run(frameSha256, atMs, presentationId);
  }

  setConfirmed(presentationId: string, frameSha256: string, times: { paintedMs: number; confirmedMs: number }): void {
    this.#statements.confirmed.run({ presentationId, frameSha256, ...times });
  }

  /** False if it had ended before. */
  end(presentationId: string, state: 'superseded' | 'failed', why: { code: string; message: string }): boolean {
    return this.#statements.end.run({ presentationId, state, ...why }).changes === 1;
  }
}

function fromRow(row: Row): Presentation {
  return { ...row, page: PageSchema.parse(JSON.parse(row.page)) };
}

const SELECT = `SELECT presentation_id AS presentationId, display_id AS displayId, cmd_id AS cmdId, origin, state, page,
  frame_sha256 AS frameSha256, code, message, asked_ms AS askedMs, received_ms AS receivedMs,
  rendered_ms AS renderedMs, painted_ms AS paintedMs, confirmed_ms AS confirmedMs FROM presentation`;

function prepareAll(database: Database) {
  return {
    insert: database.prepare<[Record<string, unknown>]>(
      `INSERT OR REPLACE INTO presentation (presentation_id, display_id, cmd_id, origin, state, page, asked_ms, received_ms)
       VALUES (@presentationId, @displayId, @cmdId, @origin, 'received', @page, @askedMs, @receivedMs)`,
    ),
    prune: database.prepare<[number]>(
      `DELETE FROM presentation WHERE state IN ('confirmed', 'superseded', 'failed') AND presentation_id NOT IN
         (SELECT presentation_id FROM presentation ORDER BY received_ms DESC LIMIT ?)
       AND presentation_id NOT IN (SELECT current_presentation_id FROM display WHERE current_presentation_id IS NOT NULL)`,
    ),
    get: database.prepare<[string], Row>(`${SELECT} WHERE presentation_id = ?`),
    openOf: database.prepare<[string], Row>(`${SELECT} WHERE cmd_id = ? AND state IN ('received', 'rendered')`),
    all: database.prepare<[], Row>(SELECT),
    last: database.prepare<[string], Row>(
      `${SELECT} WHERE display_id = ? ORDER BY received_ms DESC, presentation_id DESC LIMIT 1`,
    ),
    remove: database.prepare<[string]>('DELETE FROM presentation WHERE presentation_id = ?'),
    open: database.prepare<[], Row>(
      `${SELECT} WHERE state IN ('received', 'rendered') ORDER BY received_ms, presentation_id`,
    ),
    rendered: database.prepare<[string, number, string]>(
      `UPDATE presentation SET state = 'rendered', frame_sha256 = ?, rendered_ms = ?
       WHERE presentation_id = ? AND state IN ('received', 'rendered')`,
    ),
    confirmed: database.prepare<[Record<string, unknown>]>(
      `UPDATE presentation SET state = 'confirmed', frame_sha256 = @frameSha256, painted_ms = @paintedMs,
         confirmed_ms = @confirmedMs WHERE presentation_id = @presentationId`,
    ),
    end: database.prepare<[Record<string, unknown>]>(
      `UPDATE presentation SET state = @state, code = @code, message = @message
       WHERE presentation_id = @presentationId AND state IN ('received', 'rendered')`,
    ),
  };
}
