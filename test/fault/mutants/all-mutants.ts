import { CLOUD_MUTANTS } from './cloud-mutants.js';
import type { Mutant } from './mutant.js';
import { OUTBOX_MUTANTS } from './outbox-mutants.js';
import { STORE_MUTANTS } from './store-mutants.js';

const ALL: readonly Mutant[] = [...OUTBOX_MUTANTS, ...STORE_MUTANTS, ...CLOUD_MUTANTS];

/** Ways in which the real code is made wrong, each with a schedule that shows it. */
export const MUTANTS: readonly Mutant[] = ALL.filter(({ seed }) => seed > 0);

/** Those of which no schedule is known yet that shows them. */
export const UNPROVED: readonly Mutant[] = ALL.filter(({ seed }) => seed === 0);
