/**
 * Whether a statement failed because of what stood in it (SQLSTATE classes 22 and 23: data exception, constraint
 * violation), which no repetition heals, and not because the database was out of reach.
 */
export function isDataError(error: unknown): boolean {
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    if ('code' in cause && typeof cause.code === 'string' && /^2[23][0-9A-Z]{3}$/.test(cause.code)) return true;
  }
  return false;
}
