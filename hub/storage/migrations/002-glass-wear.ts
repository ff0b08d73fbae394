/** What a glass has been through: times by the wall clock, and the ghost budget that is spent, weighted by area. */
export const glassWear = `
ALTER TABLE display ADD COLUMN ghost_spent REAL;
UPDATE display SET ghost_spent = partials_since_full;
ALTER TABLE display ADD COLUMN last_full_ms INTEGER;
ALTER TABLE display ADD COLUMN last_refresh_ms INTEGER;
`;
