import { and, asc, desc, eq, gte, lte, sql } from 'drizzle-orm';
import type { z } from 'zod';
import {
  type OutputFormat,
  type PageQuerySchema,
  PageSchema,
  type PublicDisplay,
  type PublicPresentation,
  type QueueQuerySchema,
} from '../../contract/index.js';
import { isInCalendar } from '../calendar.js';
import type { Commands } from '../command/commands.js';
import { beyond, DEFAULT_PAGE_LIMIT, toPage } from '../content/page.js';
import type { CloudContext } from '../context.js';
import { type Tx, withHousehold } from '../database/database.js';
import { CloudError } from '../errors.js';
import { contentRefs, type PresentationRow, viewPresentations } from '../presentation/presentation-view.js';
import { presentationById } from '../presentation/presentations.js';
import { sendAgain } from '../presentation/show.js';
import { presentation } from '../presentation/tables.js';
import { type DisplayWithHub, selectDisplays, viewDisplay } from './display-view.js';
import { display } from './tables.js';

/** Displays that were never bound come last; every display of a household was. */
const BOUND_AT = sql`coalesce(${display.boundAt}, to_timestamp(0))`;

/** The household's displays: what they can show, what they show, and what waits for them. */
export class Displays {
  readonly #context: CloudContext;
  readonly #commands: Pick<Commands, 'enqueueCommand'>;

  constructor(context: CloudContext, commands: Pick<Commands, 'enqueueCommand'>) {
    this.#context = context;
    this.#commands = commands;
  }

  /** @throws CloudError `invalid_request` */
  async list(householdId: string, { cursor, limit = DEFAULT_PAGE_LIMIT }: z.output<typeof PageQuerySchema>) {
    const position = beyond(cursor, 'newest-first', { createdAt: BOUND_AT, id: display.id });
    const rows = await withHousehold(this.#context.db, householdId, (tx) =>
      selectDisplays(tx)
        .where(position)
        .orderBy(desc(BOUND_AT), desc(display.id))
        .limit(limit + 1),
    );
    const placed = rows.map((row) => ({ ...row, id: row.display.id, createdAt: row.display.boundAt ?? new Date(0) }));
    const page = toPage(placed, limit);
    return { ...page, items: page.rows.map((row) => viewDisplay(row, this.#now())) };
  }

  /** @throws CloudError `display_not_found` */
  async get(householdId: string, id: string): Promise<PublicDisplay> {
    return viewDisplay(await withHousehold(this.#context.db, householdId, (tx) => displayById(tx, id)), this.#now());
  }

  /** @throws CloudError `display_not_found`, `invalid_request` */
  async queue(householdId: string, id: string, query: z.output<typeof QueueQuerySchema>) {
    const { cursor, from, to, limit = DEFAULT_PAGE_LIMIT } = query;
    const position = beyond(cursor, 'oldest-first', presentation);
    const [since, until] = [momentOf('from', from), momentOf('to', to)];
    return withHousehold(this.#context.db, householdId, async (tx) => {
      await displayById(tx, id);
      const rows = await tx
        .select()
        .from(presentation)
        .where(
          and(
            isQueuedFor(id),
            since && gte(presentation.createdAt, since),
            until && lte(presentation.createdAt, until),
            position,
          ),
        )
        .orderBy(asc(presentation.createdAt), asc(presentation.id))
        .limit(limit + 1);
      const page = toPage(rows, limit);
      const refs = await contentRefs(tx, page.rows);
      const items = page.rows.map(({ id: itemId, displayId, mode, state, createdAt, updatedAt, analysisId }) => ({
        id: itemId,
        displayId,
        contentIds: refs(analysisId),
        mode,
        state,
        createdAt: createdAt.toISOString(),
        updatedAt: updatedAt.toISOString(),
      }));
      return { ...page, items };
    });
  }

  /**
   * What the glass was last proved to show; undefined before the first proof.
   * @throws CloudError `display_not_found`, `invalid_request`
   */
  async current(householdId: string, id: string, format?: OutputFormat): Promise<PublicPresentation | undefined> {
    return withHousehold(this.#context.db, householdId, async (tx) => {
      const { onGlass } = await displayById(tx, id);
      return onGlass === null ? undefined : (await viewPresentations(this.#context, tx, [onGlass], format))[0];
    });
  }

  /**
   * Shows something again that the display has shown before.
   * @throws CloudError `display_not_found`, `presentation_not_found`, `presentation_not_deliverable`
   */
  async showAgain(householdId: string, id: string, presentationId: string): Promise<PublicDisplay> {
    const now = this.#now();
    return withHousehold(this.#context.db, householdId, async (tx) => {
      const { display: shownOn, onGlass } = await displayById(tx, id);
      const row = await presentationById(tx, presentationId);
      const reason = reasonAgainst(row, id);
      if (reason !== undefined) {
        const details = { displayId: id, presentationId, reason };
        throw new CloudError('presentation_not_deliverable', `It cannot be shown again: ${reason}.`, details);
      }
      const underWay = shownOn.pendingPresentationId ?? onGlass?.id;
      if (underWay !== presentationId) {
        const page = PageSchema.parse(row.page);
        const showing = { householdId, hubId: shownOn.hubId, displayId: id, presentationId, page, askedAt: now };
        await sendAgain(tx, this.#commands, showing);
      }
      return viewDisplay(await displayById(tx, id), now);
    });
  }

  /**
   * Sends what is next in the queue to its hub once more; nothing changes for an empty queue.
   * @throws CloudError `display_not_found`
   */
  async advance(householdId: string, id: string): Promise<{ display: PublicDisplay; changed: boolean }> {
    const now = this.#now();
    return withHousehold(this.#context.db, householdId, async (tx) => {
      const { display: shownOn } = await displayById(tx, id);
      const [next] = await tx
        .select()
        .from(presentation)
        .where(isQueuedFor(id))
        .orderBy(asc(presentation.createdAt), asc(presentation.id))
        .limit(1);
      if (next !== undefined) {
        const page = PageSchema.parse(next.page);
        const askedAt = next.askedAt ?? now;
        const showing = { householdId, hubId: shownOn.hubId, displayId: id, presentationId: next.id, page, askedAt };
        await sendAgain(tx, this.#commands, showing);
      }
      return { display: viewDisplay(await displayById(tx, id), now), changed: next !== undefined };
    });
  }

  #now(): Date {
    return new Date(this.#context.clock.now());
  }
}

async function displayById(tx: Tx, id: string): Promise<DisplayWithHub> {
  const [row] = await selectDisplays(tx).where(eq(display.id, id));
  if (row === undefined) throw new CloudError('display_not_found', 'No display has this id.');
  return row;
}

function momentOf(name: string, given: string | undefined): Date | undefined {
  if (given === undefined) return undefined;
  const ms = Date.parse(given);
  if (!isInCalendar(ms)) throw new CloudError('invalid_request', `${name}: not between 1970 and 9999`);
  return new Date(ms);
}

function isQueuedFor(displayId: string) {
  return and(eq(presentation.displayId, displayId), eq(presentation.state, 'queued'), eq(presentation.origin, 'cloud'));
}

function reasonAgainst(row: PresentationRow, displayId: string): string | undefined {
  if (row.displayId !== displayId) return 'other_display';
  if (row.page === null) return 'not_rendered';
  return row.confirmedAt === null ? 'not_delivered' : undefined;
}
