import type { Store } from '../../../hub/storage/store.js';

/** A request asks for so many registers at a time; nobody else asks for as many. Source: `hub/sync/up-part.ts`. */
const ASKED_BY_REQUESTS = 100;

/**
 * Tells up to which number lane 0 was filled when the last request was put together: it reads the registers, then the
 * cursor, in one go.
 */
export function recordBuilding({
  outbox,
  registers,
  inbox,
}: Pick<Store, 'outbox' | 'registers' | 'inbox'>): () => number {
  const dirty = registers.dirty.bind(registers);
  const cursor = inbox.cursor.bind(inbox);
  let isBuilding = false;
  let control = 0;
  Object.assign(registers, {
    dirty: (limit: number) => {
      isBuilding = limit === ASKED_BY_REQUESTS;
      return dirty(limit);
    },
  });
  Object.assign(inbox, {
    cursor: () => {
      if (isBuilding) control = outbox.lane(0).nextSeq - 1;
      isBuilding = false;
      return cursor();
    },
  });
  return () => control;
}
