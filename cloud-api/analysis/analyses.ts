import { and, asc, desc, eq, exists, gt, type SQL, sql } from 'drizzle-orm';
import type { z } from 'zod';
import type { AnalysesQuerySchema, AnalysisEvent, NewAnalysis, PublicAnalysis } from '../../contract/index.js';
import type { TokenHolder } from '../auth/principal.js';
import { claimKey } from '../content/idempotency.js';
import { beyond, DEFAULT_PAGE_LIMIT, toPage } from '../content/page.js';
import type { CloudContext } from '../context.js';
import { type Tx, withHousehold } from '../database/database.js';
import { CloudError } from '../errors.js';
import { viewAnalyses, viewEvent } from './analysis-view.js';
import { checkAnalysis } from './check-analysis.js';
import type { Producer } from './producer.js';
import { analysis, analysisContent, analysisEvent } from './tables.js';

const ENDS = ['analysis.completed', 'analysis.failed'];
const DEFAULT_EVENT_LIMIT = 100;

/** The acts of turning contents into presentations. */
export class Analyses {
  readonly #context: CloudContext;
  readonly #producer: Pick<Producer, 'produce'>;

  constructor(context: CloudContext, producer: Pick<Producer, 'produce'>) {
    this.#context = context;
    this.#producer = producer;
  }

  /**
   * Analyses contents. The rules are quick, so everything happens in one transaction: the answer is final, and a crash
   * leaves either nothing or the whole.
   * @throws CloudError `invalid_request`, `invalid_asset`, `content_not_found`, `display_not_found`,
   *   `asset_not_uploaded`, `no_compatible_display`, `idempotency_conflict`
   */
  async create(caller: TokenHolder, key: string, body: NewAnalysis): Promise<PublicAnalysis> {
    const order = checkAnalysis(body);
    const now = new Date(this.#context.clock.now());
    return withHousehold(this.#context.db, caller.householdId, async (tx) => {
      const call = { caller, route: 'POST /analyses', key, body };
      const { id, replayed } = await claimKey(tx, call, this.#context.newId(), now);
      if (replayed) return viewOne(tx, id);
      return this.#producer.produce(tx, { householdId: caller.householdId, id, order }, now);
    });
  }

  /** @throws CloudError `analysis_not_found` */
  get(householdId: string, id: string): Promise<PublicAnalysis> {
    return withHousehold(this.#context.db, householdId, (tx) => viewOne(tx, id));
  }

  /** @throws CloudError `invalid_request` */
  async list(householdId: string, query: z.output<typeof AnalysesQuerySchema>) {
    const { contentId, state, trigger, mode, cursor, limit = DEFAULT_PAGE_LIMIT } = query;
    const position = beyond(cursor, 'newest-first', analysis);
    return withHousehold(this.#context.db, householdId, async (tx) => {
      const rows = await tx
        .select()
        .from(analysis)
        .where(
          and(
            state === undefined ? undefined : eq(analysis.state, state),
            // Every analysis here was asked for over the API, and none in a conversation.
            trigger === undefined || trigger === 'api' ? undefined : sql`false`,
            modeIs(mode),
            contentId === undefined ? undefined : exists(mentions(tx, contentId)),
            position,
          ),
        )
        .orderBy(desc(analysis.createdAt), desc(analysis.id))
        .limit(limit + 1);
      const page = toPage(rows, limit);
      return { ...page, items: await viewAnalyses(tx, page.rows) };
    });
  }

  /** @throws CloudError `analysis_not_found` */
  async events(householdId: string, id: string, { after = -1, limit = DEFAULT_EVENT_LIMIT }) {
    return withHousehold(this.#context.db, householdId, async (tx) => {
      const { state } = await viewOne(tx, id);
      const rows = await selectEvents(tx, id, after).limit(limit + 1);
      const items = rows.slice(0, limit).map(viewEvent);
      return { items, nextAfter: items.at(-1)?.seq ?? null, hasMore: rows.length > limit, state };
    });
  }

  /**
   * The story up to the end of the analysis itself; what becomes of its presentations is told by `events` only.
   * @throws CloudError `analysis_not_found`
   */
  async story(householdId: string, id: string, after = -1): Promise<AnalysisEvent[]> {
    return withHousehold(this.#context.db, householdId, async (tx) => {
      await viewOne(tx, id);
      const events = (await selectEvents(tx, id, -1)).map(viewEvent);
      const end = events.findIndex(({ type }) => ENDS.includes(type));
      return events.slice(0, end + 1).filter(({ seq }) => seq > after);
    });
  }
}

async function viewOne(tx: Tx, id: string): Promise<PublicAnalysis> {
  const rows = await tx.select().from(analysis).where(eq(analysis.id, id));
  const [view] = await viewAnalyses(tx, rows);
  if (view === undefined) throw new CloudError('analysis_not_found', 'No analysis has this id.');
  return view;
}

function selectEvents(tx: Tx, id: string, after: number) {
  return tx
    .select()
    .from(analysisEvent)
    .where(and(eq(analysisEvent.analysisId, id), gt(analysisEvent.seq, Math.min(after, MAX_SEQ))))
    .orderBy(asc(analysisEvent.seq));
}

const MAX_SEQ = 2 ** 31 - 1;

function modeIs(mode: z.output<typeof AnalysesQuerySchema>['mode']): SQL | undefined {
  if (mode === undefined) return undefined;
  return mode === 'chat' ? sql`false` : eq(analysis.mode, mode);
}

function mentions(tx: Tx, contentId: string) {
  return tx
    .select({ id: analysisContent.contentId })
    .from(analysisContent)
    .where(and(eq(analysisContent.contentId, contentId), eq(analysisContent.analysisId, analysis.id)));
}
