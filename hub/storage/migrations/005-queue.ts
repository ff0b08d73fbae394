/** What a row takes of its page, with its share of what is left over at the page's end. `size` is that of the body. */
const BYTES = (size: string) =>
  `CASE WHEN ${size} + 24 <= 4088 THEN 4096 / (4088 / (${size} + 24)) ELSE (${size} + 4112) / 4088 * 4096 END`;

const LANES = [0, 1, 2, 3] as const;

const tableOf = (lane: number) => `
CREATE TABLE log${lane} (
  pos INTEGER PRIMARY KEY,
  origin INTEGER NOT NULL,
  mono_ms INTEGER NOT NULL,
  skew_ms INTEGER NOT NULL,
  id ANY NOT NULL,
  body TEXT NOT NULL
) STRICT;
INSERT INTO log${lane} (pos, origin, mono_ms, skew_ms, id, body)
SELECT seq, origin.n, CAST(round(mono_ms) AS INTEGER), wall_ms - CAST(round(mono_ms) AS INTEGER) - origin.ahead_ms,
  unhex(replace(log.id, '-', '')), body
FROM log JOIN boot ON boot.id = log.boot
JOIN origin ON origin.boot = boot.n AND origin.type = log.type AND origin.tv = log.tv AND origin.wq = log.wq
WHERE lane = ${lane} ORDER BY seq;`;

const viewOf = (lane: number) => `
SELECT ${lane} AS lane, pos - base AS seq,
  CASE typeof(log${lane}.id) WHEN 'blob' THEN lower(hex(log${lane}.id)) ELSE
    printf('%012x%s%08x', mono_ms + ahead_ms + skew_ms, replace(id_middle, '-', ''), log${lane}.id) END AS id_hex,
  type, tv, boot.id AS boot, mono_ms, mono_ms + ahead_ms + skew_ms AS wall_ms, wq, body
FROM log${lane} JOIN origin ON origin.n = origin JOIN boot ON boot.n = boot JOIN lane ON lane.lane = ${lane}`;

/**
 * What may be lost is named, what only is has a row of its own, and what was counted stays counted. Their meaning:
 * sync protocol, section 2.
 *
 * An event lies at a position that never changes; its sequence number is how far that is past the base of the epoch.
 * So a new epoch moves no row, and `former` tells where each was. A lane has a table of its own, so that each grows at
 * its end only; what many events share (boot, type, trust in the clock) is one row of `origin`. The counters of `lane`
 * hold for positions below `next`: later ones are counted when the file is opened. The id of an event is its wall time,
 * the middle that its boot gave it, and the number that its row keeps; ids of older builds are kept whole.
 */
export const queue = `
CREATE TABLE boot (
  n INTEGER PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  id_middle TEXT NOT NULL,
  last_mono_ms INTEGER NOT NULL
) STRICT;
INSERT INTO boot (id, id_middle, last_mono_ms)
SELECT boot, '', CAST(round(max(mono_ms)) AS INTEGER) FROM log GROUP BY boot ORDER BY min(seq);

CREATE TABLE origin (
  n INTEGER PRIMARY KEY,
  boot INTEGER NOT NULL REFERENCES boot (n),
  type TEXT NOT NULL,
  tv INTEGER NOT NULL,
  wq INTEGER NOT NULL,
  ahead_ms INTEGER NOT NULL
) STRICT;
INSERT INTO origin (boot, type, tv, wq, ahead_ms)
SELECT boot.n, type, tv, wq, min(wall_ms - CAST(round(mono_ms) AS INTEGER))
FROM log JOIN boot ON boot.id = log.boot GROUP BY boot.n, type, tv, wq ORDER BY boot.n, min(seq);
${LANES.map(tableOf).join('\n')}

CREATE TABLE former (
  n INTEGER PRIMARY KEY,
  epoch TEXT NOT NULL,
  lane INTEGER NOT NULL,
  base INTEGER NOT NULL,
  upto INTEGER NOT NULL
) STRICT;
INSERT INTO former (epoch, lane, base, upto)
SELECT earlier.value ->> 'epoch', lane, seq - (earlier.value ->> 'seq'), max(seq)
FROM log, json_each(log.was) AS earlier GROUP BY 1, 2, 3 ORDER BY min(earlier.key);

ALTER TABLE lane RENAME TO old_lane;
CREATE TABLE lane (
  lane INTEGER PRIMARY KEY CHECK (lane BETWEEN 0 AND 3),
  base INTEGER NOT NULL,
  next INTEGER NOT NULL,
  acked INTEGER NOT NULL,
  acked_id TEXT,
  sent INTEGER NOT NULL,
  thinned INTEGER NOT NULL,
  bytes INTEGER NOT NULL,
  rows INTEGER NOT NULL,
  enqueued INTEGER NOT NULL,
  taken INTEGER NOT NULL
) STRICT;
INSERT INTO lane (lane, base, next, acked, acked_id, sent, thinned, bytes, rows, enqueued, taken)
SELECT lane, 0, next_seq, acked, acked_id, next_seq - 1, 0,
  (SELECT coalesce(sum(${BYTES('octet_length(body)')}), 0) FROM log WHERE log.lane = old_lane.lane),
  rows, rows + acked, acked
FROM old_lane;
DROP TABLE old_lane;
DROP TABLE log;
CREATE VIEW log AS${LANES.map(viewOf).join('\nUNION ALL')};

CREATE TABLE gap (
  lane INTEGER NOT NULL,
  from_pos INTEGER NOT NULL,
  to_pos INTEGER NOT NULL,
  reason TEXT NOT NULL,
  rows INTEGER NOT NULL,
  bytes INTEGER NOT NULL,
  first_ms INTEGER,
  last_ms INTEGER,
  PRIMARY KEY (lane, from_pos)
) STRICT, WITHOUT ROWID;

CREATE TABLE reg (
  key TEXT PRIMARY KEY,
  ver INTEGER NOT NULL,
  acked_ver INTEGER NOT NULL,
  taken INTEGER NOT NULL,
  dirty INTEGER NOT NULL CHECK (dirty IN (0, 1)),
  boot TEXT NOT NULL,
  mono_ms REAL NOT NULL,
  body TEXT NOT NULL
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
