import { lanesOf } from '../rig/small-limits.js';
import { instead } from './instead.js';
import type { Mutant } from './mutant.js';

/** What can be wrong with the statements of the store. */
export const STORE_MUTANTS: readonly Mutant[] = [
  {
    name: 'drops without a gap',
    breaks: 'I8',
    hub: { sql: instead(/INSERT INTO gap \(([^)]*)\)\s+VALUES \(([^)]*)\)/, 'INSERT INTO gap ($1) SELECT $2 WHERE 0') },
    weights: { enqueue: 20, burst: 12, deliver: 24 },
    limits: lanesOf(2048),
    seed: 1,
  },
  {
    name: 'keeps its epoch though its card was lost',
    breaks: 'I9',
    hub: { newEpoch: () => '0123456789abcdef0123456789abcdef' },
    weights: { loseCard: 4, newEpoch: 0 },
    seed: 1,
  },
  {
    name: 'gives numbers again after a restart',
    breaks: 'I9',
    hub: { sql: instead('SELECT lane, base, next, acked,', 'SELECT lane, base, base + 1 AS next, base AS acked,') },
    weights: { crash: 10 },
    seed: 4,
  },
  {
    name: 'does not say where events were before',
    breaks: 'I3',
    hub: {
      sql: instead(/INSERT INTO former \(([^)]*)\) VALUES \(([^)]*)\)/, 'INSERT INTO former ($1) SELECT $2 WHERE 0'),
    },
    weights: { newEpoch: 5 },
    seed: 2,
  },
  {
    name: 'takes a register for sent that was set since',
    breaks: 'I10',
    hub: { sql: instead('dirty = (ver <> @ver)', 'dirty = 0') },
    weights: { register: 20 },
    seed: 3,
  },
  {
    name: 'sends another body than it was given',
    breaks: 'I2',
    hub: {
      sql: instead(/\btv, body,/, "tv, replace(body, '1', '2') AS body,"),
    },
    seed: 1,
  },
];
