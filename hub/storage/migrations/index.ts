import { firstTables } from './001-first-tables.js';

/** In order and append only; place + 1 is the file's `user_version`. */
export const migrations: readonly string[] = [firstTables];
