/** Puts another statement, or part of one, in the place of one of the store. */
export function instead(of: string | RegExp, by: string): (sql: string) => string {
  return (sql) => sql.replace(of, by);
}
