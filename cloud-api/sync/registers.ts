import { sql } from 'drizzle-orm';
import type { Logger } from 'pino';
import { z } from 'zod';
import { parseMessage, type Register, StateSchema } from '../../contract/index.js';
import { queryRows, type Tx } from '../database/database.js';
import { jsonOrNull, unnested } from '../database/unnested.js';
import type { Hubs } from '../device/hubs.js';
import type { Metrics } from '../metrics.js';
import { triedInSavepoint } from './effects.js';
import { isTooDeep } from './too-deep.js';
import type { Visit } from './visit.js';

type RegisterRow = { visit: Visit; register: Register };
type RegisterParts = { states: Pick<Hubs, 'takeState'>; log: Logger; metrics: Pick<Metrics, 'count'> };

const TakenSchema = z.object({ hub_id: z.string(), key: z.string() });

/**
 * Takes the newest value of each key and acknowledges all: an older one has nothing more to say. Within an epoch the
 * versions of a key are without a hole: those that never came were overwritten before. What the hub says of them itself
 * counts from the last acknowledgement that it heard, and is asked only where the versions of another epoch went before. What a hub says of its
 * displays goes the way of the same words on MQTT.
 */
export async function storeRegisters(
  tx: Tx,
  { states, log, metrics }: RegisterParts,
  visits: readonly Visit[],
  now: Date,
): Promise<void> {
  const rows: RegisterRow[] = [];
  for (const visit of visits) {
    const { regs } = visit.job.input;
    visit.reply.regAcks = regs.map(({ key, ver }) => [key, ver]);
    const kept = regs.filter(canBeKept);
    if (kept.length < regs.length) tellRefused({ log, metrics }, visit, regs.length - kept.length);
    rows.push(...newestOf(kept).map((register) => ({ visit, register })));
  }
  if (rows.length === 0) return;
  const taken = await upsert(tx, rows, now);
  for (const { visit, register } of rows) {
    const { id: hubId, thingName } = visit.row;
    if (register.key !== 'state' || !taken.some((one) => one.hub_id === hubId && one.key === 'state')) continue;
    const state = parseMessage(StateSchema, register.body);
    const isApplied = state.ok && (await triedInSavepoint(tx, () => states.takeState(tx, visit.row, state.value)));
    if (!isApplied) log.warn({ thingName }, 'what a hub says of its displays cannot be taken');
  }
}

function newestOf(registers: readonly Register[]): Register[] {
  const newest = new Map<string, Register>();
  for (const register of registers) {
    const known = newest.get(register.key);
    if (register.ver > (known?.ver ?? 0)) newest.set(register.key, register);
  }
  return [...newest.values()];
}

/** PostgreSQL holds neither a zero character nor half a surrogate pair in text: such a key is dropped for good. */
function canBeKept({ key, body }: Register): boolean {
  return !/\0|\p{Surrogate}/u.test(key) && !isTooDeep(body);
}

function tellRefused({ log, metrics }: Omit<RegisterParts, 'states'>, { row }: Visit, count: number): void {
  metrics.count('inklet_sync_registers_refused_total', {}, count);
  log.warn({ thingName: row.thingName, count }, 'registers of a hub cannot be kept');
}

async function upsert(tx: Tx, rows: readonly RegisterRow[], now: Date): Promise<z.infer<typeof TakenSchema>[]> {
  const source = unnested('told', rows, {
    hub_id: ['uuid', ({ visit }) => visit.row.id],
    household_id: ['uuid', ({ visit }) => visit.row.householdId],
    key: ['text', ({ register }) => register.key],
    epoch_ord: ['int', ({ visit }) => visit.epoch.ord],
    ver: ['bigint', ({ register }) => register.ver],
    body: ['json', ({ register }) => jsonOrNull(register.body)],
    superseded_total: ['bigint', ({ register }) => register.sup],
  });
  const columns = sql`hub_id, household_id, key, epoch_ord, ver, body, superseded_total`;
  return queryRows(
    tx,
    TakenSchema,
    sql`insert into state (${columns}, updated_at) select ${columns}, ${now.toISOString()}::timestamptz from ${source}
      on conflict (hub_id, key) do update set household_id = excluded.household_id, epoch_ord = excluded.epoch_ord,
        ver = excluded.ver, body = excluded.body, updated_at = excluded.updated_at,
        superseded_total = least(${Number.MAX_SAFE_INTEGER}, state.superseded_total + case
          when state.epoch_ord = excluded.epoch_ord then excluded.ver - state.ver - 1
          else excluded.superseded_total end)
      where (state.epoch_ord, state.ver) < (excluded.epoch_ord, excluded.ver)
      returning hub_id, key`,
  );
}
