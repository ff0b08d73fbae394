import { asc, eq, inArray, lte, sql } from 'drizzle-orm';
import type { CloudContext } from '../context.js';
import { asSystem } from '../database/database.js';
import { parkedMessage } from './tables.js';

type ParkedContext = Pick<CloudContext, 'db' | 'clock' | 'log' | 'metrics' | 'newId'>;
type ParkedRow = typeof parkedMessage.$inferSelect;

const FIRST_WAIT_MS = 30_000;
/** As long as a broker keeps what nobody fetches; after that it says nothing any more. */
const KEPT_MS = 60 * 60 * 1000;
const AT_ONCE = 100;

/** Messages of hubs that the rest of the service could not store when they came: safe here, and tried again. */
export class ParkedMessages {
  readonly #context: ParkedContext;
  readonly #take: (topic: string, payload: Buffer) => Promise<void>;

  constructor(context: ParkedContext, { take }: { take: (topic: string, payload: Buffer) => Promise<void> }) {
    this.#context = context;
    this.#take = take;
  }

  async park(topic: string, payload: Buffer): Promise<void> {
    const { db, clock, newId, metrics } = this.#context;
    const parkedAt = new Date(clock.now());
    const dueAt = new Date(clock.now() + FIRST_WAIT_MS);
    await asSystem(db, (tx) => tx.insert(parkedMessage).values({ id: newId(), topic, payload, parkedAt, dueAt }));
    metrics.count('inklet_link_parked_total');
  }

  /** Tries what is due once more; one that fails again waits twice as long. */
  async retry(): Promise<void> {
    const { log } = this.#context;
    for (const row of await this.#due()) {
      try {
        await this.#take(row.topic, Buffer.from(row.payload));
        await this.#forget(row);
        log.info({ topic: row.topic, tries: row.tries }, 'a message that was put aside is stored');
      } catch (error) {
        await this.#giveUp(row, error);
      }
    }
  }

  /** Each goes to one instance at a time: whoever takes it moves it into the future first. */
  #due(): Promise<ParkedRow[]> {
    const { db, clock } = this.#context;
    const now = new Date(clock.now());
    return asSystem(db, async (tx) => {
      const due = tx
        .select({ id: parkedMessage.id })
        .from(parkedMessage)
        .where(lte(parkedMessage.dueAt, now))
        .orderBy(asc(parkedMessage.id))
        .limit(AT_ONCE)
        .for('update', { skipLocked: true });
      const wait = sql`${FIRST_WAIT_MS} * power(2, ${parkedMessage.tries} + 1) * interval '1 millisecond'`;
      const rows = await tx
        .update(parkedMessage)
        .set({ tries: sql`${parkedMessage.tries} + 1`, dueAt: sql`${now.toISOString()}::timestamptz + ${wait}` })
        .where(inArray(parkedMessage.id, due))
        .returning();
      return rows.sort((a, b) => (a.id < b.id ? -1 : 1));
    });
  }

  async #giveUp(row: ParkedRow, error: unknown): Promise<void> {
    const { clock, log, metrics } = this.#context;
    if (clock.now() - row.parkedAt.getTime() < KEPT_MS) return;
    await this.#forget(row);
    metrics.count('inklet_link_poison_total');
    log.error({ err: error, topic: row.topic, tries: row.tries }, 'a message of a hub could never be stored');
  }

  async #forget({ id }: ParkedRow): Promise<void> {
    await asSystem(this.#context.db, (tx) => tx.delete(parkedMessage).where(eq(parkedMessage.id, id)));
  }
}
