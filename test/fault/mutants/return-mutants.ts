import { sql } from 'drizzle-orm';
import {
  backUp,
  cloneCard,
  deliverLate,
  enqueue,
  enterNewEpoch,
  exchange,
  finish,
  order,
  restore,
  setRegister,
  wait,
} from '../rig/script.js';
import { instead } from './instead.js';
import { meddling, takingCopiesForOne } from './meddling.js';
import type { Mutant } from './mutant.js';

/** Longer than a hub waits for more before it sends. */
const FLUSH_MS = 2_000;

/** What can be wrong when a cloud, a card or a request comes back from the past. */
export const RETURN_MUTANTS: readonly Mutant[] = [
  {
    name: 'never closes an epoch',
    breaks: 'I3',
    cloud: meddling({ after: ({ hubId }) => [sql`update hub_epoch set closed_at = null where hub_id = ${hubId}`] }),
    // What was sent in the old epoch comes in after it was told in the new one.
    script: [exchange, enqueue(1), wait(FLUSH_MS), enterNewEpoch, exchange, deliverLate],
  },
  {
    name: 'does not look for two copies of a card',
    breaks: 'I1',
    cloud: takingCopiesForOne,
    // Each copy gives the same number to an event of its own.
    script: [exchange, cloneCard, exchange, enqueue(1), enqueue(1, { card: 1 }), exchange],
  },
  {
    name: 'keeps its incarnation when it comes back from a backup',
    breaks: 'I10',
    cloud: { keepsGeneration: true },
    // Nothing that the hub counts tells it of the loss.
    script: [exchange, backUp, setRegister(), exchange, restore, exchange],
  },
  {
    name: 'keeps registers to itself when the cloud came back from a backup',
    breaks: 'I10',
    hub: { sql: instead('UPDATE reg SET dirty = 1', 'UPDATE reg SET dirty = dirty') },
    script: [exchange, backUp, setRegister(), exchange, restore, exchange],
  },
  {
    name: 'forgets at once which commands were here',
    breaks: 'I12',
    hub: { sql: instead('LIMIT 1 OFFSET ?', 'LIMIT 1 OFFSET min(?, 0)') },
    // A cloud that lacks the end of a command offers it once more.
    script: [exchange, order({ kind: 'reboot' }), backUp, exchange, finish, exchange, exchange, restore, exchange],
  },
];
