import { mkdirSync, writeFileSync } from 'node:fs';
import { PROFILES } from '../profiles.js';
import { tonesOf } from '../tone-of.js';
import { buildTables } from './build-tables.js';
import { readTables, storedTables, TABLES_DIR, tablesFile } from './stored-tables.js';

// Computes the tables of every profile into dist/, so that no display waits for them and every processor has the same.
const isFresh = process.argv.includes('--fresh');
mkdirSync(TABLES_DIR, { recursive: true });
for (const profile of PROFILES) {
  for (const tone of tonesOf(profile)) {
    if (!isFresh && readTables(profile, tone) !== undefined) continue;
    writeFileSync(tablesFile(profile, tone), storedTables(buildTables(profile, tone), profile, tone));
  }
}
