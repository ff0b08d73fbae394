import { createRequire } from 'node:module';

const ADDON = 'better-sqlite3/build/Release/better_sqlite3.node';

/** Where SQLite was built, so that nobody looks for it in ten other folders at each start; undefined: look for it. */
export function nativeBinding(): string | undefined {
  try {
    return createRequire(import.meta.url).resolve(ADDON);
  } catch {
    return undefined;
  }
}
