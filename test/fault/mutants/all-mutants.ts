import { CLOUD_MUTANTS } from './cloud-mutants.js';
import { COMMAND_MUTANTS } from './command-mutants.js';
import { DISK_MUTANTS } from './disk-mutants.js';
import type { Mutant } from './mutant.js';
import { OUTBOX_MUTANTS } from './outbox-mutants.js';
import { RETURN_MUTANTS } from './return-mutants.js';
import { STORE_MUTANTS } from './store-mutants.js';

/** Ways in which the real code is made wrong, each with a schedule that shows it. */
export const MUTANTS: readonly Mutant[] = [
  ...OUTBOX_MUTANTS,
  ...STORE_MUTANTS,
  ...DISK_MUTANTS,
  ...COMMAND_MUTANTS,
  ...CLOUD_MUTANTS,
  ...RETURN_MUTANTS,
];
