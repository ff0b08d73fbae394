/** A binding that was made at the hub, and what counts against the limits of its codes. */
export const localBinding = `
ALTER TABLE binding ADD COLUMN receipt_sha256 TEXT;
ALTER TABLE binding ADD COLUMN bound_ms INTEGER;
CREATE TABLE local_try (at_ms INTEGER NOT NULL) STRICT;
CREATE INDEX local_try_time ON local_try (at_ms);
CREATE TABLE local_pace (
  one INTEGER PRIMARY KEY CHECK (one = 1),
  interval_s INTEGER NOT NULL,
  next_ms INTEGER NOT NULL
) STRICT;
`;
