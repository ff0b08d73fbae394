import { sql } from 'drizzle-orm';
import { z } from 'zod';
import { GapReasonSchema, LaneSchema } from '../../../contract/index.js';
import type { CloudState } from '../queue/verdict.js';
import { hashOf } from './recorder.js';
import type { RigCloud } from './rig-cloud.js';

const place = { hubId: z.string(), epoch: z.string(), lane: LaneSchema };
const EventSchema = z.object({ ...place, seq: z.number(), body: z.unknown(), lo: z.number(), hi: z.number() });
const DeadSchema = z.object({ ...place, seq: z.number(), raw: z.unknown() });
const RawSchema = z.object({ body: z.unknown() });
const GapSchema = z.object({ ...place, from: z.number(), to: z.number(), reason: GapReasonSchema });
const StreamSchema = z.object({ ...place, hwm: z.number() });
const RegisterSchema = z.object({
  hubId: z.string(),
  key: z.string(),
  epoch: z.string(),
  ver: z.number(),
  body: z.unknown(),
});

const CommandSchema = z.object({ hubId: z.string(), cmd: z.string(), state: z.string() });

/** What the tables of the cloud hold. */
export async function finalState(cloud: RigCloud, nameOf: (hubId: string) => string): Promise<CloudState> {
  const named = <T extends { hubId: string }>({ hubId, ...rest }: T) => ({ hub: nameOf(hubId), ...rest });
  const events = await cloud.rows(
    EventSchema,
    sql`select hub_id as "hubId", epoch, lane, seq::int, body,
        extract(epoch from ts_lo)::float8 * 1000 as lo, extract(epoch from ts_hi)::float8 * 1000 as hi from event`,
  );
  const dead = await cloud.rows(DeadSchema, sql`select hub_id as "hubId", epoch, lane, seq::int, raw from dead`);
  const gaps = await cloud.rows(
    GapSchema,
    sql`select hub_id as "hubId", epoch, lane, from_seq::int as from, to_seq::int as to, reason from gap`,
  );
  const registers = await cloud.rows(
    RegisterSchema,
    sql`select s.hub_id as "hubId", s.key, e.epoch, s.ver::int, s.body
        from state s join hub_epoch e on e.hub_id = s.hub_id and e.ord = s.epoch_ord`,
  );
  const commands = await cloud.rows(CommandSchema, sql`select hub_id as "hubId", id as cmd, state from command`);
  return {
    commands: commands.map(named),
    events: events.map(({ body, lo, hi, ...row }) => ({
      ...named(row),
      hash: hashOf(body),
      tsLo: Math.round(lo),
      tsHi: Math.round(hi),
    })),
    dead: dead.map(({ raw, ...row }) => {
      const read = RawSchema.safeParse(raw);
      return { ...named(row), ...(read.success && { hash: hashOf(read.data.body) }) };
    }),
    gaps: gaps.map(named),
    streams: (await streamsOf(cloud)).map(({ hub_id: hubId, ...row }) => ({ hub: nameOf(hubId), ...row })),
    registers: registers.map(({ body, ...row }) => ({ ...named(row), hash: hashOf(body) })),
  };
}

export async function streamsOf(cloud: RigCloud) {
  const rows = await cloud.rows(StreamSchema, sql`select hub_id as "hubId", epoch, lane, hwm::int from stream`);
  return rows.map(({ hubId, ...row }) => ({ hub_id: hubId, ...row }));
}
