import { CLOUD_MUTANTS } from './cloud-mutants.js';
import type { Mutant } from './mutant.js';
import { OUTBOX_MUTANTS } from './outbox-mutants.js';
import { STORE_MUTANTS } from './store-mutants.js';

/** Every way in which the real code is made wrong; for each promise at least one. */
export const MUTANTS: readonly Mutant[] = [...OUTBOX_MUTANTS, ...STORE_MUTANTS, ...CLOUD_MUTANTS];
