import { and, eq, inArray, isNotNull, lt, ne, notInArray } from 'drizzle-orm';
import type { Logger } from 'pino';
import type { Failure } from '../../contract/index.js';
import { type Step, tell } from '../analysis/story.js';
import { inCalendar } from '../calendar.js';
import type { CloudContext } from '../context.js';
import type { Tx } from '../database/database.js';
import { display } from '../display/tables.js';
import type { CommandChange, EventSource, PresentationEvent, PresentationPort } from '../sync/presentation-port.js';
import type { PresentationRow } from './presentation-view.js';
import { differenceStep } from './previews.js';
import { presentation } from './tables.js';

type DisplayRow = typeof display.$inferSelect;
type Changes = Partial<typeof presentation.$inferInsert>;

/** Turns what hubs tell into the state of presentations and displays, in the transaction that takes the news in. */
export class HubNews implements PresentationPort {
  readonly #clock: CloudContext['clock'];
  readonly #log: Logger;

  constructor({ clock, log }: Pick<CloudContext, 'clock' | 'log'>) {
    this.#clock = clock;
    this.#log = log.child({ mod: 'presentation' });
  }

  async applyPresentationEvent(tx: Tx, source: EventSource, event: PresentationEvent): Promise<void> {
    const { presentationId, displayId } = event.body;
    const row = await this.#find(tx, source, event);
    if (row === undefined) {
      this.#log.warn({ hubId: source.hubId, presentationId, displayId, type: event.type }, 'news of a stranger');
      return;
    }
    // It was sent once more since: what became of the earlier command ends nothing. A proof counts whoever asked.
    const { cmdId } = event.body;
    const isStale = cmdId !== null && row.commandId !== null && cmdId !== row.commandId;
    if (isStale && event.type !== 'presentation.received' && event.type !== 'presentation.confirmed') return;
    switch (event.type) {
      case 'presentation.received':
        return this.#received(tx, row, inCalendar(Date.parse(event.body.at)));
      case 'presentation.confirmed':
        return this.#confirmed(tx, row, event.body);
      case 'presentation.superseded':
        return this.#ended(tx, row, { state: 'expired' });
      case 'presentation.failed': {
        const { code, message, retryable, stage } = event.body;
        return this.#ended(tx, row, { state: 'failed', failure: failureOf(code, message, retryable, stage) });
      }
    }
  }

  async commandsChanged(tx: Tx, source: EventSource, changes: readonly CommandChange[]): Promise<void> {
    if (source.householdId === null || changes.length === 0) return;
    const rows = await tx
      .select()
      .from(presentation)
      .where(
        and(
          eq(presentation.householdId, source.householdId),
          inArray(
            presentation.commandId,
            changes.map(({ cmdId }) => cmdId),
          ),
          inArray(presentation.state, ['queued', 'published', 'confirmed']),
        ),
      );
    for (const change of changes) {
      const found = rows.find(({ commandId }) => commandId === change.cmdId);
      if (found !== undefined) await this.#commandChanged(tx, found, change);
    }
  }

  async displaysReleased(tx: Tx, { householdId }: EventSource, displayIds: readonly string[]): Promise<void> {
    if (householdId === null || displayIds.length === 0) return;
    await tx
      .update(presentation)
      .set({ state: 'expired', updatedAt: new Date(this.#clock.now()) })
      .where(
        and(
          eq(presentation.householdId, householdId),
          inArray(presentation.displayId, [...displayIds]),
          inArray(presentation.state, ['queued', 'published', 'confirmed']),
        ),
      );
  }

  async #commandChanged(tx: Tx, row: PresentationRow, change: CommandChange): Promise<void> {
    const { state, code, message } = change;
    if (state === 'APPLIED') return; // the presentation's own event brings the proof
    if (state === 'RECEIVED') return this.#received(tx, row, undefined);
    if (state === 'SUPERSEDED') return this.#ended(tx, row, { state: 'expired' });
    const reason = message ?? `The command ended as ${state.toLowerCase()}.`;
    const failure = failureOf(code ?? `command.${state.toLowerCase()}`, reason, true, 'deliver');
    return this.#ended(tx, row, { state: 'failed', failure });
  }

  async #find(
    tx: Tx,
    { hubId, householdId }: EventSource,
    event: PresentationEvent,
  ): Promise<PresentationRow | undefined> {
    if (householdId === null) return undefined;
    const { displayId, presentationId, origin } = event.body;
    const [shownOn] = await tx
      .select()
      .from(display)
      .where(and(eq(display.id, displayId), eq(display.hubId, hubId), eq(display.householdId, householdId)));
    if (shownOn === undefined) return undefined;
    const isIt = and(eq(presentation.householdId, householdId), eq(presentation.id, presentationId));
    const [row] = await tx.select().from(presentation).where(isIt).for('update');
    if (row !== undefined) return row.displayId === displayId ? row : undefined;
    if (origin === 'cloud') return undefined;
    return this.#insertLocal(tx, householdId, shownOn, presentationId);
  }

  async #insertLocal(tx: Tx, householdId: string, shownOn: DisplayRow, id: string): Promise<PresentationRow> {
    const now = new Date(this.#clock.now());
    const { id: displayId, width, height, inks, profile } = shownOn;
    const fresh = { householdId, id, displayId, width, height, inks, profile, createdAt: now, updatedAt: now };
    const row = { ...fresh, mode: 'direct', state: 'queued', origin: 'local' } as const;
    await tx.insert(presentation).values(row);
    return { ...EMPTY, ...row };
  }

  async #received(tx: Tx, row: PresentationRow, receivedAt: Date | undefined): Promise<void> {
    const handedOver = row.state === 'queued';
    if (receivedAt !== undefined) await this.#change(tx, row, { receivedAt });
    if (!handedOver) return;
    await this.#change(tx, row, { state: 'published', updatedAt: new Date(this.#clock.now()) });
    if (row.origin === 'local') {
      await tx.update(display).set({ pendingPresentationId: row.id }).where(eq(display.id, row.displayId));
    }
    await this.#tell(tx, row, { type: 'delivery.published', summary: 'The hub has it.', data: placeOf(row) });
  }

  async #confirmed(
    tx: Tx,
    row: PresentationRow,
    body: Extract<PresentationEvent, { type: 'presentation.confirmed' }>['body'],
  ): Promise<void> {
    const now = new Date(this.#clock.now());
    const { frameSha256, refresh, times } = body;
    await tx
      .update(presentation)
      .set({ state: 'expired', updatedAt: now })
      .where(
        and(
          eq(presentation.householdId, row.householdId),
          eq(presentation.displayId, row.displayId),
          eq(presentation.state, 'confirmed'),
          ne(presentation.id, row.id),
        ),
      );
    await this.#change(tx, row, {
      state: 'confirmed',
      updatedAt: now,
      failure: null,
      frameSha256,
      receivedAt: inCalendar(Date.parse(times.received)),
      renderedAt: inCalendar(Date.parse(times.rendered)),
      paintedAt: inCalendar(Date.parse(times.painted)),
      confirmedAt: inCalendar(Date.parse(times.confirmed)),
    });
    await this.#clearPending(tx, row);
    await this.#endEarlier(tx, row, now);
    const data = { ...placeOf(row), frameSha256, refresh };
    await this.#tell(tx, row, { type: 'delivery.confirmed', summary: 'The glass shows it.', data });
    const differs = differenceStep({ presentationId: row.id, frameSha256, previewSha256: row.previewSha256 });
    if (differs === undefined) return;
    this.#log.warn(differs.data, 'the glass shows another frame than the preview');
    await this.#tell(tx, row, differs);
  }

  /** Hubs show in order: what was asked for before and is not what the display waits for has lost its own news. */
  async #endEarlier(tx: Tx, row: PresentationRow, now: Date): Promise<void> {
    if (row.askedAt === null) return;
    const waitedFor = tx
      .select({ id: display.pendingPresentationId })
      .from(display)
      .where(and(eq(display.id, row.displayId), isNotNull(display.pendingPresentationId)));
    await tx
      .update(presentation)
      .set({ state: 'expired', updatedAt: now })
      .where(
        and(
          eq(presentation.householdId, row.householdId),
          eq(presentation.displayId, row.displayId),
          inArray(presentation.state, ['queued', 'published']),
          lt(presentation.askedAt, row.askedAt),
          notInArray(presentation.id, waitedFor),
        ),
      );
  }

  /** It will not be shown, or not any more. What the glass shows now stays confirmed until something replaces it. */
  async #ended(
    tx: Tx,
    row: PresentationRow,
    end: { state: 'expired' } | { state: 'failed'; failure: Failure },
  ): Promise<void> {
    await this.#clearPending(tx, row);
    if (row.state === 'confirmed') return;
    await this.#change(tx, row, { ...end, updatedAt: new Date(this.#clock.now()) });
    if (end.state !== 'failed' || row.state === 'failed') return;
    const { code, message } = end.failure;
    const data = { ...placeOf(row), code };
    await this.#tell(tx, row, { type: 'delivery.failed', level: 'error', summary: message, data });
  }

  async #change(tx: Tx, { householdId, id }: PresentationRow, changes: Changes): Promise<void> {
    await tx
      .update(presentation)
      .set(changes)
      .where(and(eq(presentation.householdId, householdId), eq(presentation.id, id)));
  }

  async #clearPending(tx: Tx, { id, displayId }: PresentationRow): Promise<void> {
    await tx
      .update(display)
      .set({ pendingPresentationId: null })
      .where(and(eq(display.id, displayId), eq(display.pendingPresentationId, id)));
  }

  async #tell(tx: Tx, { householdId, analysisId }: PresentationRow, step: Step): Promise<void> {
    if (analysisId !== null) await tell(tx, { householdId, analysisId }, new Date(this.#clock.now()), [step]);
  }
}

const EMPTY = {
  analysisId: null,
  title: null,
  page: null,
  commandId: null,
  failure: null,
  frameSha256: null,
  previewSha256: null,
  askedAt: null,
  receivedAt: null,
  renderedAt: null,
  paintedAt: null,
  confirmedAt: null,
};

function placeOf({ id, displayId }: PresentationRow): { presentationId: string; displayId: string } {
  return { presentationId: id, displayId };
}

/** A picture that render cannot read is the asset's fault, and has the public API's word for it. */
function failureOf(code: string, message: string, retryable: boolean, stage: string): Failure {
  const word = code.startsWith('render.picture-') ? 'invalid_asset' : code;
  return { code: word, message: message === '' ? code : message, retryable, stage, assetIndex: null };
}
