import { sql } from 'drizzle-orm';
import type { z } from 'zod';
import type { RegisterSchema } from '../../contract/index.js';
import type { Tx } from '../database/database.js';
import type { EventSource } from './presentation-port.js';
import { state } from './tables.js';

type Register = z.infer<typeof RegisterSchema>;

/** Takes the newest value of each key and acknowledges all: an older one has nothing more to say. */
export async function storeRegisters(
  tx: Tx,
  {
    source,
    epochOrd,
    registers,
    now,
  }: { source: EventSource; epochOrd: number; registers: readonly Register[]; now: Date },
): Promise<[string, number][]> {
  const newest = new Map<string, Register>();
  for (const register of registers) {
    const known = newest.get(register.key);
    // PostgreSQL holds neither a zero character nor half a surrogate pair in text: such a key is dropped for good.
    if (!/\0|\p{Surrogate}/u.test(register.key) && register.ver > (known?.ver ?? 0)) newest.set(register.key, register);
  }
  if (newest.size > 0) {
    await tx
      .insert(state)
      .values(
        [...newest.values()].map(({ key, ver, sup, body }) => ({
          ...source,
          key,
          epochOrd,
          ver,
          body: body ?? null,
          supersededTotal: sup,
          updatedAt: now,
        })),
      )
      .onConflictDoUpdate({
        target: [state.hubId, state.key],
        set: {
          householdId: source.householdId,
          epochOrd,
          ver: sql`excluded.ver`,
          body: sql`excluded.body`,
          supersededTotal: sql`${state.supersededTotal} + excluded.superseded_total`,
          updatedAt: now,
        },
        setWhere: sql`(${state.epochOrd}, ${state.ver}) < (excluded.epoch_ord, excluded.ver)`,
      });
  }
  return registers.map(({ key, ver }) => [key, ver]);
}
