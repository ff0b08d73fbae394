import Sqlite from 'better-sqlite3';
import { HubError, type HubErrorCode } from '../errors.js';

// Source: SQLite, result and error codes; an extended code begins with its primary one.
const SQLITE_CODES: readonly (readonly [string, HubErrorCode])[] = [
  ['SQLITE_FULL', 'storage.full'],
  ['SQLITE_CORRUPT', 'storage.damaged'],
  ['SQLITE_NOTADB', 'storage.damaged'],
  ['SQLITE_IOERR', 'storage.failing'],
  ['SQLITE_CANTOPEN', 'storage.failing'],
  ['SQLITE_READONLY', 'storage.failing'],
];

const SYSTEM_CODES: Readonly<Record<string, HubErrorCode>> = {
  ENOSPC: 'storage.full',
  EDQUOT: 'storage.full',
  EIO: 'storage.failing',
  EROFS: 'storage.failing',
};

/** What SQLite or the file system say about the card, by our codes; everything else as it is. */
export function storageError(error: unknown): unknown {
  if (!(error instanceof Error) || !('code' in error) || typeof error.code !== 'string') return error;
  const told = error.code;
  const code =
    error instanceof Sqlite.SqliteError
      ? SQLITE_CODES.find(([prefix]) => told.startsWith(prefix))?.[1]
      : SYSTEM_CODES[told];
  return code === undefined ? error : new HubError(code, `${told}: ${error.message}`, { cause: error });
}
