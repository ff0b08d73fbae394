import { and, asc, desc, eq, type SQL, sql } from 'drizzle-orm';
import type { PgColumn } from 'drizzle-orm/pg-core';
import { z } from 'zod';
import { EpochSchema, GapReasonSchema, LaneSchema, TimestampSchema } from '../../contract/index.js';
import type { CloudContext } from '../context.js';
import { asSystem } from '../database/database.js';
import { CloudError } from '../errors.js';
import { hubNamed } from './operator-queue.js';
import { dead, gap } from './tables.js';

export type PageQuery = { thingName: string; cursor?: string | undefined; limit: number };

const PlaceSchema = z.object({ epoch: EpochSchema, lane: LaneSchema, receivedAt: TimestampSchema });

/** A range of numbers of a hub that will never come. */
export const OperatorGapSchema = PlaceSchema.extend({
  from: z.number(),
  to: z.number(),
  reason: GapReasonSchema,
  rows: z.number(),
  bytes: z.number(),
  firstAt: TimestampSchema.nullable(),
  lastAt: TimestampSchema.nullable(),
});

/** An event of a hub that could not be read or applied. What stands in it is its household's, and is not shown. */
export const DeadLetterSchema = PlaceSchema.extend({
  seq: z.number(),
  reason: z.string(),
  type: z.string().nullable().describe('as far as it can be read'),
  bytes: z.number(),
});

type Page<T> = { items: T[]; nextCursor: string | null };
type Position = { receivedAt: Date; epoch: string; lane: number; seq: number };
type Columns = { receivedAt: PgColumn; epoch: PgColumn; lane: PgColumn; seq: PgColumn };

const MOST_TYPE = 64;
const CursorSchema = z.tuple([z.iso.datetime(), EpochSchema, LaneSchema, z.number().int().nonnegative()]);
const WithTypeSchema = z.looseObject({ type: z.string() });

/** @throws CloudError `hub_not_found`, `invalid_request` */
export async function gapsOf(
  { db }: Pick<CloudContext, 'db'>,
  { thingName, cursor, limit }: PageQuery,
): Promise<Page<z.infer<typeof OperatorGapSchema>>> {
  const columns = { ...gap, seq: gap.fromSeq };
  const rows = await asSystem(db, async (tx) => {
    const { id } = await hubNamed(tx, thingName);
    const which = and(eq(gap.hubId, id), beyond(cursor, columns));
    return tx
      .select()
      .from(gap)
      .where(which)
      .orderBy(...newestFirst(columns))
      .limit(limit);
  });
  const items = rows.map((row) => ({
    ...{ epoch: row.epoch, lane: LaneSchema.parse(row.lane), reason: GapReasonSchema.parse(row.reason) },
    ...{ from: row.fromSeq, to: row.toSeq, rows: row.rows, bytes: row.bytes },
    firstAt: row.firstAt?.toISOString() ?? null,
    lastAt: row.lastAt?.toISOString() ?? null,
    receivedAt: row.receivedAt.toISOString(),
  }));
  return {
    items,
    nextCursor: cursorAfter(
      rows.map((row) => ({ ...row, seq: row.fromSeq })),
      limit,
    ),
  };
}

/** @throws CloudError `hub_not_found`, `invalid_request` */
export async function deadLettersOf(
  { db }: Pick<CloudContext, 'db'>,
  { thingName, cursor, limit }: PageQuery,
): Promise<Page<z.infer<typeof DeadLetterSchema>>> {
  const rows = await asSystem(db, async (tx) => {
    const { id } = await hubNamed(tx, thingName);
    const which = and(eq(dead.hubId, id), beyond(cursor, dead));
    return tx
      .select()
      .from(dead)
      .where(which)
      .orderBy(...newestFirst(dead))
      .limit(limit);
  });
  const items = rows.map(({ epoch, lane, seq, reason, raw, receivedAt }) => ({
    ...{ epoch, lane: LaneSchema.parse(lane), seq, reason, receivedAt: receivedAt.toISOString() },
    type: WithTypeSchema.safeParse(raw).data?.type.slice(0, MOST_TYPE) ?? null,
    bytes: Buffer.byteLength(JSON.stringify(raw)),
  }));
  return { items, nextCursor: cursorAfter(rows, limit) };
}

function newestFirst({ receivedAt, epoch, lane, seq }: Columns): SQL[] {
  return [desc(receivedAt), asc(epoch), asc(lane), asc(seq)];
}

function beyond(cursor: string | undefined, { receivedAt, epoch, lane, seq }: Columns): SQL | undefined {
  if (cursor === undefined) return undefined;
  const [at, ...place] = readCursor(cursor);
  const moment = sql`${at}::timestamptz`;
  const values = sql`(${place[0]}, ${place[1]}::int, ${place[2]}::bigint)`;
  return sql`(${receivedAt} < ${moment} or (${receivedAt} = ${moment} and (${epoch}, ${lane}, ${seq}) > ${values}))`;
}

function readCursor(cursor: string): z.infer<typeof CursorSchema> {
  try {
    return CursorSchema.parse(JSON.parse(Buffer.from(cursor, 'base64url').toString()));
  } catch (error) {
    throw new CloudError('invalid_request', 'cursor: not one of this list', {}, { cause: error });
  }
}

function cursorAfter(rows: readonly Position[], limit: number): string | null {
  const last = rows.at(-1);
  if (last === undefined || rows.length < limit) return null;
  const place = [last.receivedAt.toISOString(), last.epoch, last.lane, last.seq];
  return Buffer.from(JSON.stringify(place)).toString('base64url');
}
