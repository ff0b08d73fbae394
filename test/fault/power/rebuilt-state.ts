import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Outbox } from '../../../hub/storage/outbox.js';
import { eventsIn } from './events-in.js';
import { openLight } from './light-store.js';
import type { Mark } from './marks.js';
import type { Promises } from './promises.js';

/** What is wrong with a state; undefined: nothing. */
export type Verdict =
  | 'unreadable'
  | 'corrupt'
  | 'lost'
  | 'uncovered'
  | 'took back'
  | 'named a gap'
  | 'new epoch'
  | undefined;

export function layOut(dir: string, files: ReadonlyMap<string, Buffer>): void {
  rmSync(dir, { recursive: true, force: true });
  mkdirSync(dir, { recursive: true });
  for (const [name, content] of files) {
    // Made anew at the start of whoever opens the database, from nothing that is on the card.
    if (!name.endsWith('-shm')) writeFileSync(join(dir, name), content);
  }
}

/** Opens what a power cut left as the hub opens it, and compares it with what was promised before the cut. */
export async function judge(dir: string, promises: Promises): Promise<Verdict> {
  const state = await openLight(dir).catch(() => undefined);
  if (state === undefined) return 'unreadable';
  const { database, outbox } = state.opened;
  try {
    if (state.salvaged !== undefined) return 'unreadable';
    const whole = database.prepare<[], { integrity_check: string }>('PRAGMA integrity_check').get();
    if (whole?.integrity_check !== 'ok') return 'corrupt';
    if (promises.epoch !== undefined && outbox.epoch !== promises.epoch) return 'new epoch';
    if (database.prepare('SELECT 1 FROM gap').get() !== undefined) return 'named a gap';
    return wrongIn(outbox, promises);
  } catch {
    return 'corrupt';
  } finally {
    database.close();
  }
}

/**
 * Whatever was acknowledged to the caller and not yet by the cloud is there as it was given, no number comes again, each
 * is covered once, and what the cloud was known to have it has still.
 */
function wrongIn(outbox: Outbox, promises: Promises): Verdict {
  const { events, badJoints } = eventsIn(outbox);
  const there = new Map(events.map((event) => [event.id, event]));
  const isThere = ({ lane, seq, id, body }: Extract<Mark, { step: 'ok' }>) => {
    const event = there.get(id);
    return event !== undefined && event.lane === lane && event.seq === seq && event.body === body;
  };
  const lanes = outbox.lanes();
  const isKept =
    [...promises.open.values()].every(isThere) &&
    lanes.every(({ lane, nextSeq }) => nextSeq > (promises.last.get(lane) ?? 0));
  if (!isKept) return 'lost';
  if (badJoints > 0) return 'uncovered';
  return lanes.some(({ lane, acked }) => acked < (promises.acked.get(lane) ?? 0)) ? 'took back' : undefined;
}
