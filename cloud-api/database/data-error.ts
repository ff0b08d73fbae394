import { DrizzleQueryError } from 'drizzle-orm';
import { CloudError } from '../errors.js';

/**
 * A failed statement as it may be logged: with its SQL and SQLSTATE, without the values that stood in it, which are
 * texts of households and secrets. Anything else stays what it is.
 */
export function withoutValues(error: unknown): unknown {
  if (!(error instanceof DrizzleQueryError)) return error;
  const state = sqlStateOf(error);
  return new CloudError('database.failed', `${state ?? 'no SQLSTATE'}: ${error.query}`, { sqlState: state ?? null });
}

/**
 * Whether a statement failed because of what stood in it (SQLSTATE classes 22 and 23: data exception, constraint
 * violation), which no repetition heals, and not because the database was out of reach.
 */
export function isDataError(error: unknown): boolean {
  return /^2[23]/.test(sqlStateOf(error) ?? '');
}

/** Whether a statement failed because another row has what may be there once (SQLSTATE 23505, unique_violation). */
export function isUniqueViolation(error: unknown): boolean {
  return sqlStateOf(error) === '23505';
}

function sqlStateOf(error: unknown): string | undefined {
  if (error instanceof CloudError && typeof error.details.sqlState === 'string') return error.details.sqlState;
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    if ('code' in cause && typeof cause.code === 'string' && /^[0-9A-Z]{5}$/.test(cause.code)) return cause.code;
  }
  return undefined;
}
