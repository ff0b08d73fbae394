import { z } from 'zod';
import { GapReasonSchema, LaneSchema } from '../../contract/index.js';
import { type Step, StepSchema } from './queue/history.js';
import type { CloudState } from './queue/verdict.js';
import { hashOf } from './queue-hub/hash-of.js';
import type { Ask } from './queue-round-database.js';

/** Lets a database note what it commits: by a trigger of the trial's own, in the transaction that it tells of. */
export const NOTEBOOK = `
create table if not exists fault_commit (
  n bigserial primary key, at double precision not null, gen text not null,
  hub_id uuid not null, epoch text not null, lane integer not null, old bigint not null, new bigint not null
);
create table if not exists fault_register (
  n bigserial primary key, at double precision not null, gen text not null,
  hub_id uuid not null, epoch_ord integer not null, key text not null, ver bigint not null
);
create or replace function fault_note_register() returns trigger language plpgsql security definer
set search_path = public as $$
begin
  insert into fault_register (at, gen, hub_id, epoch_ord, key, ver)
  select extract(epoch from clock_timestamp()) * 1000, s.gen, new.hub_id, new.epoch_ord, new.key, new.ver
  from store s where s.id = 1;
  return new;
end $$;
drop trigger if exists fault_note_register on state;
create trigger fault_note_register after insert or update on state
for each row execute function fault_note_register();
create or replace function fault_note() returns trigger language plpgsql security definer set search_path = public as $$
begin
  insert into fault_commit (at, gen, hub_id, epoch, lane, old, new)
  select extract(epoch from clock_timestamp()) * 1000, s.gen, new.hub_id, new.epoch, new.lane,
    case when tg_op = 'INSERT' then 0 else old.hwm end, new.hwm
  from store s where s.id = 1;
  return new;
end $$;
drop trigger if exists fault_note on stream;
create trigger fault_note after insert or update on stream for each row execute function fault_note();
`;

const count = z.coerce.number();
const PlaceSchema = z.object({ epoch: z.string(), lane: LaneSchema });
const CommitSchema = PlaceSchema.extend({ at: z.number(), gen: z.string(), old: count, new: count });
const EventSchema = PlaceSchema.extend({
  seq: count,
  id: z.string().nullable(),
  type: z.string(),
  body: z.unknown(),
  tsLo: z.date(),
  tsHi: z.date(),
});
const DeadSchema = PlaceSchema.extend({ seq: count, raw: z.unknown() });
const RawSchema = z.object({ id: z.string().nullish(), type: z.string(), body: z.unknown() });
const GapSchema = PlaceSchema.extend({ from: count, to: count, reason: GapReasonSchema });
const StreamSchema = PlaceSchema.extend({ hwm: count });
const RegisterSchema = z.object({ key: z.string(), epoch: z.string(), ver: count, body: z.unknown() });
const AppliedSchema = z.object({
  at: z.number(),
  gen: z.string(),
  epoch: z.string(),
  ord: count,
  key: z.string(),
  ver: count,
});
const CommandSchema = z.object({
  cmd: z.string(),
  downSeq: count,
  slot: z.string(),
  rev: count,
  kind: z.string(),
  state: z.string(),
  queuedAt: z.date(),
  endedAt: z.date().nullable(),
});

type Commit = z.infer<typeof CommitSchema>;

const AT_MOST_ONCE = ['reboot', 'unbound', 'claim_code'];
const OVER = ['APPLIED', 'FAILED', 'SUPERSEDED', 'EXPIRED', 'UNKNOWN'];

/** What is in the cloud of one hub. */
export type Seen = {
  readonly state: CloudState;
  readonly steps: readonly Step[];
  readonly openCommands: number;
  readonly gen: string;
};

/** Reads the tables as they are, and the commits that led to them. */
export async function lookAtCloud(ask: Ask, hub: string): Promise<Seen> {
  const read = async <T>(schema: z.ZodType<T>, sql: string): Promise<T[]> => {
    const of = `where hub_id = (select id from hub where thing_name = $1)`;
    const { rows } = await ask(sql.replace('$hub', of), [hub]);
    return z.array(schema).parse(rows);
  };
  const events = await read(
    EventSchema,
    'select epoch, lane, seq, id, type, body, ts_lo as "tsLo", ts_hi as "tsHi" from event $hub',
  );
  const dead = await read(DeadSchema, 'select epoch, lane, seq, raw from dead $hub');
  const gaps = await read(GapSchema, 'select epoch, lane, from_seq as "from", to_seq as "to", reason from gap $hub');
  const streams = await read(StreamSchema, 'select epoch, lane, hwm from stream $hub');
  const commits = await read(CommitSchema, 'select at, gen, epoch, lane, old, new from fault_commit $hub order by n');
  const registers = await read(
    RegisterSchema,
    `select key, epoch, ver, body from state join hub_epoch e using (hub_id)
     $hub and e.ord = epoch_ord`,
  );
  const applied = await read(
    AppliedSchema,
    `select at, gen, e.epoch, epoch_ord as ord, key, ver from fault_register r join hub_epoch e using (hub_id)
     $hub and e.ord = epoch_ord order by n`,
  );
  const commands = await read(
    CommandSchema,
    `select id as cmd, down_seq as "downSeq", slot, rev, kind, state, queued_at as "queuedAt", ended_at as "endedAt"
     from command $hub order by down_seq`,
  );
  const { rows } = await ask('select gen from store where id = 1');
  const [{ gen }] = z.tuple([z.object({ gen: z.string() })]).parse(rows);
  const state: CloudState = {
    events: events.map(({ id, type, body, tsLo, tsHi, ...place }) => {
      return { ...place, hub, hash: hashOf(type, body, id), tsLo: tsLo.getTime(), tsHi: tsHi.getTime() };
    }),
    dead: dead.map(({ raw, ...place }) => {
      const { id, type, body } = RawSchema.parse(raw);
      return { ...place, hub, hash: hashOf(type, body, id) };
    }),
    gaps: gaps.map((gap) => ({ ...gap, hub })),
    streams: streams.map((stream) => ({ ...stream, hub })),
    registers: registers.map(({ body, ...row }) => ({ ...row, hub, hash: hashOf(row.key, body) })),
    commands: commands.map(({ cmd, state: end }) => ({ hub, cmd, state: end })),
  };
  const steps = [
    ...commits.map((commit) => commitStep(commit, hub, state)),
    ...applied.map((one): Step => ({ mono: one.at, proc: 'cloud', step: 'cloud.reg', hub, ...one })),
    ...commands.flatMap((command) => commandSteps(command, { hub, gen })),
  ];
  steps.sort((a, b) => a.at - b.at);
  const openCommands = commands.filter((command) => !OVER.includes(command.state)).length;
  return { state, steps, openCommands, gen };
}

function commitStep({ at: atMs, gen, epoch, lane, old, new: hwm }: Commit, hub: string, state: CloudState): Step {
  // Replies are noted to the millisecond, and come after it.
  const at = Math.floor(atMs);
  const isHere = (row: { epoch: string; lane: number; seq: number }) =>
    row.epoch === epoch && row.lane === lane && row.seq > old && row.seq <= hwm;
  const seqs = rangesOf(state.events.filter(isHere).map(({ seq }) => seq));
  const dead = rangesOf(state.dead.filter(isHere).map(({ seq }) => seq));
  const gaps = state.gaps
    .filter((gap) => gap.epoch === epoch && gap.lane === lane && gap.to > old && gap.from <= hwm)
    .map(({ from, to, reason }) => ({ from, to, reason }));
  const known = [...seqs, ...dead, ...gaps.map(({ from, to }) => [from, to] as const)];
  const covered = rangesOf(
    Array.from({ length: hwm - old }, (_, index) => old + 1 + index).filter(
      (seq) => !known.some(([from, to]) => from <= seq && seq <= to),
    ),
  );
  const head = { at, mono: at, proc: 'cloud' };
  const step = { step: 'cloud.commit', hub, epoch, lane, gen, old, new: hwm, seqs, dead, covered, gaps };
  return StepSchema.parse({ ...head, ...step });
}

function commandSteps(
  { cmd, downSeq, slot, rev, kind, state, queuedAt, endedAt }: z.infer<typeof CommandSchema>,
  { hub, gen }: { hub: string; gen: string },
): Step[] {
  const head = (date: Date) => ({ at: date.getTime(), mono: date.getTime(), proc: 'cloud', hub, cmd });
  const atMostOnce = AT_MOST_ONCE.includes(kind);
  const made: Step = { ...head(queuedAt), step: 'cmd.create', gen, downSeq, slot, rev, atMostOnce };
  return endedAt === null ? [made] : [made, { ...head(endedAt), step: 'cmd.final', state }];
}

function rangesOf(seqs: readonly number[]): [number, number][] {
  const ranges: [number, number][] = [];
  for (const seq of seqs.toSorted((a, b) => a - b)) {
    const last = ranges.at(-1);
    if (last !== undefined && last[1] === seq - 1) last[1] = seq;
    else ranges.push([seq, seq]);
  }
  return ranges;
}
