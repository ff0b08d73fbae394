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

/**
 * Whether a statement failed because the database could not be reached or asked (SQLSTATE classes 08, 53 and 58, and
 * 57P of a server that stops; none at all where the connection broke): the same again may well succeed later.
 */
export function isOutOfReach(error: unknown): boolean {
  const isOfDatabase =
    error instanceof DrizzleQueryError || (error instanceof CloudError && error.code === 'database.failed');
  const state = sqlStateOf(error);
  return state === undefined ? isOfDatabase : /^(08|53|57P|58)/.test(state);
}

function sqlStateOf(error: unknown): string | undefined {
  if (error instanceof CloudError && typeof error.details.sqlState === 'string') return error.details.sqlState;
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    if ('code' in cause && typeof cause.code === 'string' && /^[0-9A-Z]{5}$/.test(cause.code)) return cause.code;
  }
  return undefined;
}
