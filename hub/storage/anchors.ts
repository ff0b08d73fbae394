import type { Anchor } from '../../contract/index.js';
import { timestamp } from '../boot.js';
import type { Database } from './database.js';

const KEPT_PER_BOOT = 8;

/** Moments at which hub and cloud compared their clocks, by which events of earlier boots get a time. Source: sync protocol, section 5. */
export class Anchors {
  readonly #database: Database;
  readonly #statements;

  constructor(database: Database) {
    this.#database = database;
    this.#statements = prepareAll(database);
  }

  /** Keeps the last of each boot, and forgets the boots of which no event is held. */
  note(boot: string, monoMs: number, serverMs: number, rttMs: number): void {
    this.#database.write(() => {
      this.#statements.insert.run(boot, monoMs, serverMs, rttMs);
      this.#statements.keepLast.run(boot, boot, KEPT_PER_BOOT);
      this.#statements.forget.run(boot);
    });
  }

  /** What is known of these boots, oldest first. */
  forBoots(boots: readonly string[]): Anchor[] {
    return boots.flatMap((boot) =>
      this.#statements.of.all(boot).map(({ serverMs, ...anchor }) => ({ ...anchor, at: timestamp(serverMs) })),
    );
  }
}

function prepareAll(database: Database) {
  return {
    insert: database.prepare<[string, number, number, number]>(
      'INSERT OR REPLACE INTO anchor (boot, mono_ms, server_ms, rtt_ms) VALUES (?, ?, ?, ?)',
    ),
    keepLast: database.prepare<[string, string, number]>(
      `DELETE FROM anchor WHERE boot = ? AND mono_ms NOT IN
         (SELECT mono_ms FROM anchor WHERE boot = ? ORDER BY mono_ms DESC LIMIT ?)`,
    ),
    forget: database.prepare<[string]>('DELETE FROM anchor WHERE boot <> ? AND boot NOT IN (SELECT id FROM boot)'),
    of: database.prepare<[string], { boot: string; mono: number; serverMs: number; rttMs: number }>(
      'SELECT boot, mono_ms AS mono, server_ms AS serverMs, rtt_ms AS rttMs FROM anchor WHERE boot = ? ORDER BY mono_ms',
    ),
  };
}
