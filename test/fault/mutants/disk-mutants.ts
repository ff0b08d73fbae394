import { Outbox } from '../../../hub/storage/outbox.js';
import { QUEUE_LIMITS } from '../../../hub/storage/queue-limits.js';
import { enqueue, exchange, leaveRoom, sample, setRegister } from '../rig/script.js';
import { lanesOf } from '../rig/small-limits.js';
import { instead } from './instead.js';
import type { Mutant } from './mutant.js';

const MIB = 1024 * 1024;
const CHARACTERS = 200_000;
/** Together more than the file and its log may take with the least of limits. */
const MANY = 90;
const FEW_PAGES = 3;
const PAGE_BYTES = 4096;
const LEAST = { ...lanesOf(2048), 0: { bytes: MIB, ttlMs: null } } as const;

/** What can be wrong with the bounds of the store. */
export const DISK_MUTANTS: readonly Mutant[] = [
  {
    name: 'never empties its write-ahead log',
    breaks: 'I15',
    hub: { pragma: 'wal_autocheckpoint = 0' },
    limits: LEAST,
    script: [exchange, setRegister(MANY), sample],
    endsAtOnce: true,
  },
  {
    name: 'lets its lanes grow without bound',
    breaks: 'I15',
    hub: { pragma: 'max_page_count = 1000000', outbox: (deps) => new Outbox({ ...deps, limits: QUEUE_LIMITS }) },
    limits: LEAST,
    script: [exchange, enqueue(3, { count: MANY, characters: CHARACTERS }), sample],
    endsAtOnce: true,
  },
  {
    name: 'gives no room back when the cloud has taken something',
    breaks: 'I15',
    hub: { sql: instead('DELETE FROM log0 WHERE', 'DELETE FROM log0 WHERE 0 AND') },
    // The card is full of what must not be dropped, until the cloud has it.
    script: [
      ...[exchange, leaveRoom(FEW_PAGES), enqueue(1), enqueue(0, { count: MANY, characters: 180 })],
      ...[exchange, enqueue(0, { characters: 2 * PAGE_BYTES }), leaveRoom()],
    ],
  },
];
