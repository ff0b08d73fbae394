import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { PROFILES } from '../profiles.js';
import { tonesOf } from '../tone-of.js';
import { buildTables } from './build-tables.js';
import { readTables, storedTables, TABLES_DIR, tablesFile } from './stored-tables.js';

// Computes the tables of every profile into dist/, so that no display waits for them and every processor has the same.
// What was computed before by the same code stays.
const RECIPE = new URL('recipe', TABLES_DIR);

mkdirSync(TABLES_DIR, { recursive: true });
const recipe = recipeOf([import.meta.dirname, `${import.meta.dirname}/../kernel`]);
const isSame = existsSync(RECIPE) && readFileSync(RECIPE, 'utf8') === recipe;
for (const profile of PROFILES) {
  for (const tone of tonesOf(profile)) {
    if (isSame && readTables(profile, tone) !== undefined) continue;
    writeFileSync(tablesFile(profile, tone), storedTables(buildTables(profile, tone), profile, tone));
  }
}
writeFileSync(RECIPE, recipe);

/** SHA-256 of the compiled code that computes. */
function recipeOf(folders: readonly string[]): string {
  const hash = createHash('sha256');
  for (const folder of folders) {
    const files = readdirSync(folder).filter((file) => file.endsWith('.js'));
    for (const file of files.sort()) hash.update(readFileSync(`${folder}/${file}`));
  }
  return hash.digest('hex');
}
