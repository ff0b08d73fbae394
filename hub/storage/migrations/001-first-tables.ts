/** The tables of the first release. Columns and their meaning: sync protocol, section 2. */
export const firstTables = `
CREATE TABLE meta (k TEXT PRIMARY KEY, v TEXT NOT NULL) STRICT, WITHOUT ROWID;

CREATE TABLE lane (
  lane INTEGER PRIMARY KEY CHECK (lane BETWEEN 0 AND 3),
  next_seq INTEGER NOT NULL,
  acked INTEGER NOT NULL,
  acked_id TEXT,
  bytes INTEGER NOT NULL,
  rows INTEGER NOT NULL
) STRICT;
INSERT INTO lane (lane, next_seq, acked, acked_id, bytes, rows)
VALUES (0, 1, 0, NULL, 0, 0), (1, 1, 0, NULL, 0, 0), (2, 1, 0, NULL, 0, 0), (3, 1, 0, NULL, 0, 0);

CREATE TABLE log (
  lane INTEGER NOT NULL,
  seq INTEGER NOT NULL,
  id TEXT NOT NULL,
  type TEXT NOT NULL,
  tv INTEGER NOT NULL,
  boot TEXT NOT NULL,
  mono_ms REAL NOT NULL,
  wall_ms INTEGER NOT NULL,
  wq INTEGER NOT NULL,
  exp_ms INTEGER,
  bytes INTEGER NOT NULL,
  was TEXT,
  body TEXT NOT NULL,
  PRIMARY KEY (lane, seq)
) STRICT, WITHOUT ROWID;

CREATE TABLE inbox (
  cmd_id TEXT PRIMARY KEY,
  gen TEXT NOT NULL,
  down_seq INTEGER NOT NULL,
  slot TEXT NOT NULL,
  rev INTEGER NOT NULL,
  kind TEXT NOT NULL,
  deadline_boot TEXT,
  deadline_mono_ms REAL,
  deadline_wall_ms INTEGER,
  state TEXT NOT NULL CHECK (state IN ('NEW', 'STARTED', 'DONE')),
  attempts INTEGER NOT NULL,
  result TEXT,
  body TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX inbox_place ON inbox (gen, down_seq);
CREATE INDEX inbox_open ON inbox (slot, rev) WHERE state <> 'DONE';

CREATE TABLE slot (slot TEXT PRIMARY KEY, gen TEXT NOT NULL, rev INTEGER NOT NULL) STRICT, WITHOUT ROWID;

CREATE TABLE display (
  display_id TEXT PRIMARY KEY,
  panel TEXT NOT NULL UNIQUE,
  name TEXT NOT NULL,
  current_presentation_id TEXT,
  pending_presentation_id TEXT,
  frame_sha256 TEXT,
  glass TEXT NOT NULL CHECK (glass IN ('unknown', 'known')),
  awake INTEGER NOT NULL CHECK (awake IN (0, 1)),
  partials_since_full INTEGER NOT NULL,
  restore_presentation_id TEXT,
  restore_frame_sha256 TEXT,
  restore_at_ms INTEGER,
  updated_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE presentation (
  presentation_id TEXT PRIMARY KEY,
  display_id TEXT NOT NULL REFERENCES display (display_id),
  cmd_id TEXT,
  origin TEXT NOT NULL CHECK (origin IN ('cloud', 'local')),
  state TEXT NOT NULL CHECK (state IN ('received', 'rendered', 'confirmed', 'superseded', 'failed')),
  page TEXT NOT NULL,
  frame_sha256 TEXT,
  code TEXT,
  message TEXT,
  asked_ms INTEGER NOT NULL,
  received_ms INTEGER NOT NULL,
  rendered_ms INTEGER,
  painted_ms INTEGER,
  confirmed_ms INTEGER
) STRICT, WITHOUT ROWID;
CREATE INDEX presentation_open ON presentation (display_id) WHERE state IN ('received', 'rendered');

CREATE TABLE binding (
  one INTEGER PRIMARY KEY CHECK (one = 1),
  household_id TEXT,
  household_name TEXT,
  claim_request_id TEXT,
  claim_expires_ms INTEGER
) STRICT;
INSERT INTO binding (one) VALUES (1);
`;
