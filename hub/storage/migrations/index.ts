import { firstTables } from './001-first-tables.js';
import { glassWear } from './002-glass-wear.js';
import { localBinding } from './004-local-binding.js';
import { queue } from './005-queue.js';

/** In order and append only; place + 1 is the file's `user_version`. */
export const migrations: readonly string[] = [firstTables, glassWear, localBinding, queue];
