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
    steps: 12,
    endsAtOnce: true,
    seed: 1,
  },
  {
    name: 'keeps its epoch though its card was lost',
    breaks: 'I9',
    hub: { newEpoch: () => '0123456789abcdef0123456789abcdef' },
    weights: { loseCard: 4, newEpoch: 0 },
    steps: 12,
    seed: 3,
  },
  {
    name: 'gives numbers again after a restart',
    breaks: 'I9',
    hub: { sql: instead('SELECT lane, base, next, acked,', 'SELECT lane, base, base + 1 AS next, base AS acked,') },
    weights: { crash: 10 },
    endsAtOnce: true,
    steps: 12,
    seed: 11,
  },
  {
    name: 'does not say where events were before',
    breaks: 'I3',
    hub: {
      sql: instead(/INSERT INTO former \(([^)]*)\) VALUES \(([^)]*)\)/, 'INSERT INTO former ($1) SELECT $2 WHERE 0'),
    },
    weights: { newEpoch: 5 },
    steps: 30,
    seed: 4,
  },
  {
    name: 'takes a register for sent that was set since',
    breaks: 'I10',
    hub: { sql: instead('dirty = (ver <> @ver)', 'dirty = 0') },
    weights: { register: 20 },
    steps: 20,
    seed: 3,
  },
];
