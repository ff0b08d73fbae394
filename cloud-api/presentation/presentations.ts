import { and, desc, eq } from 'drizzle-orm';
import type { z } from 'zod';
import type {
  NewRendition,
  OutputFormat,
  PresentationsQuerySchema,
  PublicPresentation,
  Rendition,
} from '../../contract/index.js';
import { beyond, DEFAULT_PAGE_LIMIT, toPage } from '../content/page.js';
import type { CloudContext } from '../context.js';
import { type Tx, withHousehold } from '../database/database.js';
import { CloudError } from '../errors.js';
import { colorModeOf, isDrawn, type PresentationRow, viewPresentations, viewRendition } from './presentation-view.js';
import { presentation } from './tables.js';

type PresentationsQuery = z.output<typeof PresentationsQuerySchema>;

/** What was made for displays, and how far it came. */
export class Presentations {
  readonly #context: CloudContext;

  constructor(context: CloudContext) {
    this.#context = context;
  }

  /** @throws CloudError `presentation_not_found`, `invalid_request` */
  async get(householdId: string, id: string, format?: OutputFormat): Promise<PublicPresentation> {
    return withHousehold(this.#context.db, householdId, async (tx) => {
      const [view] = await viewPresentations(this.#context, tx, [await presentationById(tx, id)], format);
      if (view === undefined) throw new CloudError('presentation_not_found', 'No presentation has this id.');
      return view;
    });
  }

  /** @throws CloudError `invalid_request` */
  async list(householdId: string, { scope, state, displayId, cursor, limit = DEFAULT_PAGE_LIMIT }: PresentationsQuery) {
    const seen = scope ?? (displayId === undefined ? 'generated' : 'display');
    const position = beyond(cursor, 'newest-first', presentation);
    if (seen === 'generated') {
      refuseForGenerated(state, displayId);
      // Every presentation here is made for a display.
      return { items: [], hasMore: false, nextCursor: null, historyWindowStart: null };
    }
    return withHousehold(this.#context.db, householdId, async (tx) => {
      const rows = await tx
        .select()
        .from(presentation)
        .where(
          and(
            state === undefined ? undefined : eq(presentation.state, state),
            displayId === undefined ? undefined : eq(presentation.displayId, displayId),
            position,
          ),
        )
        .orderBy(desc(presentation.createdAt), desc(presentation.id))
        .limit(limit + 1);
      const page = toPage(rows, limit);
      return { ...page, items: await viewPresentations(this.#context, tx, page.rows), historyWindowStart: null };
    });
  }

  /**
   * The rendition of the display's own geometry, which every presentation has; no other is made.
   * @throws CloudError `presentation_not_found`, `invalid_request`, `invalid_state`
   */
  async rendition(householdId: string, id: string, asked: NewRendition): Promise<Rendition> {
    return withHousehold(this.#context.db, householdId, async (tx) => {
      const row = await presentationById(tx, id);
      const { viewport, preset, colorMode } = asked;
      const sameSize = !viewport || (viewport.width === row.width && viewport.height === row.height);
      const sameColours = !colorMode || colorMode === colorModeOf(row.inks);
      if (!sameSize || !sameColours || preset) {
        const own = `${row.width}x${row.height} ${colorModeOf(row.inks)}`;
        throw new CloudError('invalid_request', `Only the display's own geometry is served: ${own}.`);
      }
      if (!isDrawn(row)) throw new CloudError('invalid_state', 'This presentation has no picture.');
      return viewRendition(this.#context, row);
    });
  }
}

/** @throws CloudError `presentation_not_found` */
export async function presentationById(tx: Tx, id: string): Promise<PresentationRow> {
  const [row] = await tx.select().from(presentation).where(eq(presentation.id, id));
  if (row === undefined) throw new CloudError('presentation_not_found', 'No presentation has this id.');
  return row;
}

const GENERATED_STATES = ['preparing', 'ready', 'failed'];

function refuseForGenerated(state: PresentationsQuery['state'], displayId: string | undefined): void {
  if (displayId !== undefined) throw new CloudError('invalid_request', 'displayId: not with scope=generated');
  if (state !== undefined && !GENERATED_STATES.includes(state)) {
    throw new CloudError('invalid_request', `state: with scope=generated one of ${GENERATED_STATES.join(', ')}`);
  }
}
