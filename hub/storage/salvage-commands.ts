import type { Database } from './database.js';

type End = { cmdId: string; kind: string; result: string };
type Cursor = { gen: string; acked: number; over: number };

/**
 * Closes the books of the commands of a salvaged file. One that may have run must not run again, and none that was
 * received may stay without an end:
 *
 * - Where it is lost up to where commands were received, all that are here and all before them count as received.
 * - Of those that are lost themselves, an event that waits or a presentation may still tell how they ended.
 * - All others come again from the cloud, for which the cursor goes back to before the first that is missing. `down_lost`
 *   says up to where one that comes had been received before; the intake tells by it what is not to be run any more.
 *
 * Gives how many of those that were received and are not known to be over are missing.
 */
export function closeCommands(database: Database): number {
  const statements = prepareAll(database);
  return database.write(() => {
    statements.keepGen.run();
    statements.keepAcked.run();
    statements.raiseSlots.run();
    const cursor = statements.cursor.get();
    const places = cursor === undefined ? [] : statements.places.all(cursor).map(({ downSeq }) => downSeq);
    const missing = cursor === undefined ? 0 : cursor.acked - cursor.over - places.length;
    if (cursor !== undefined && missing === 0) return 0;
    for (const [index, end] of statements.ends.all().entries()) statements.recall.run({ ...end, place: -1 - index });
    statements.takeBack.run();
    statements.removeOpen.run();
    if (cursor !== undefined) goBack(database, cursor, places);
    return missing;
  });
}

/** To before the first hole. */
function goBack(database: Database, { acked, over }: Cursor, places: readonly number[]): void {
  const { set } = prepareAll(database);
  const hole = places.findIndex((downSeq, index) => downSeq !== over + 1 + index);
  set.run('down_lost', String(acked));
  set.run('down_acked', String(over + (hole === -1 ? places.length : hole)));
}

function prepareAll(database: Database) {
  return {
    keepGen: database.prepare<[]>(
      "INSERT OR IGNORE INTO meta (k, v) SELECT 'down_gen', max(gen) FROM inbox HAVING count(*) > 0",
    ),
    keepAcked: database.prepare<[]>(
      `INSERT OR IGNORE INTO meta (k, v) SELECT 'down_acked', CAST(max(down_seq) AS TEXT) FROM inbox
       WHERE gen = (SELECT v FROM meta WHERE k = 'down_gen') HAVING count(*) > 0`,
    ),
    raiseSlots: database.prepare<[]>(
      `INSERT INTO slot (slot, gen, rev) SELECT slot, gen, rev FROM inbox WHERE slot <> '' ORDER BY gen, rev
       ON CONFLICT (slot) DO UPDATE SET gen = excluded.gen, rev = excluded.rev
       WHERE excluded.gen > gen OR (excluded.gen = gen AND excluded.rev > rev)`,
    ),
    ends: database.prepare<[], End>(
      `SELECT cmdId, kind, result FROM (
         SELECT body ->> 'cmdId' AS cmdId, body ->> 'kind' AS kind, json_object('state', body ->> 'state',
           'code', body ->> 'code', 'message', body ->> 'message') AS result
         FROM log WHERE lane = 0 AND type = 'cmd.result'
         UNION ALL
         SELECT cmd_id, 'text', json_object('state', iif(state = 'confirmed', 'applied', state), 'code', code,
           'message', message)
         FROM presentation WHERE cmd_id IS NOT NULL AND state IN ('confirmed', 'superseded', 'failed')
       ) WHERE cmdId NOT IN (SELECT cmd_id FROM inbox) GROUP BY cmdId`,
    ),
    recall: database.prepare<[End & { place: number }]>(
      `INSERT INTO inbox (cmd_id, gen, down_seq, slot, rev, kind, state, attempts, result, body)
       VALUES (@cmdId, '', @place, '', 0, @kind, 'DONE', 1, @result, '')`,
    ),
    // What was asked for comes again with its command.
    takeBack: database.prepare<[]>(
      `UPDATE display SET pending_presentation_id = NULL WHERE pending_presentation_id IN (
         SELECT presentation_id FROM presentation
         WHERE state IN ('received', 'rendered') AND cmd_id NOT IN (SELECT cmd_id FROM inbox))`,
    ),
    removeOpen: database.prepare<[]>(
      `DELETE FROM presentation
       WHERE state IN ('received', 'rendered') AND cmd_id NOT IN (SELECT cmd_id FROM inbox)`,
    ),
    cursor: database.prepare<[], Cursor>(
      `SELECT gen.v AS gen, CAST(acked.v AS INTEGER) AS acked, min(CAST(acked.v AS INTEGER),
         coalesce((SELECT CAST(v AS INTEGER) FROM meta WHERE k = 'down_over'), 0)) AS over
       FROM meta AS gen JOIN meta AS acked ON acked.k = 'down_acked' WHERE gen.k = 'down_gen'`,
    ),
    places: database.prepare<[Cursor], { downSeq: number }>(
      `SELECT down_seq AS downSeq FROM inbox WHERE gen = @gen AND down_seq > @over AND down_seq <= @acked
       ORDER BY down_seq`,
    ),
    set: database.prepare<[string, string]>(
      'INSERT INTO meta (k, v) VALUES (?, ?) ON CONFLICT (k) DO UPDATE SET v = excluded.v',
    ),
  };
}
