/**
 * What may be lost is named, what only is has a row of its own, and what was counted stays counted. Columns and their
 * meaning: sync protocol, section 2.
 */
export const queue = `
ALTER TABLE lane ADD COLUMN sent INTEGER NOT NULL DEFAULT 0;
UPDATE lane SET sent = next_seq - 1;

CREATE TABLE reg (
  key TEXT PRIMARY KEY,
  ver INTEGER NOT NULL,
  dirty INTEGER NOT NULL CHECK (dirty IN (0, 1)),
  superseded INTEGER NOT NULL,
  boot TEXT NOT NULL,
  mono_ms REAL NOT NULL,
  body TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE gap (
  lane INTEGER NOT NULL,
  from_seq INTEGER NOT NULL,
  to_seq INTEGER NOT NULL,
  reason TEXT NOT NULL,
  rows INTEGER NOT NULL,
  bytes INTEGER NOT NULL,
  first_ms INTEGER,
  last_ms INTEGER,
  was TEXT,
  PRIMARY KEY (lane, from_seq)
) STRICT, WITHOUT ROWID;

CREATE TABLE anchor (
  boot TEXT NOT NULL,
  mono_ms REAL NOT NULL,
  server_ms INTEGER NOT NULL,
  rtt_ms REAL NOT NULL,
  PRIMARY KEY (boot, mono_ms)
) STRICT, WITHOUT ROWID;

CREATE TABLE tally (name TEXT PRIMARY KEY, n INTEGER NOT NULL) STRICT, WITHOUT ROWID;
`;
