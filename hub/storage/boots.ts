import type { Boot, Moment } from '../boot.js';
import type { Database } from './database.js';
import { EventIds } from './event-ids.js';

/** The runs of the process of which events are held, in order, and how long each went on at least. */
export class Boots {
  readonly #database: Database;
  readonly #boot: Boot;
  readonly #statements;
  #current: number | undefined;
  /** The ids of this run's events. */
  readonly ids: EventIds;

  constructor({ database, boot, newId }: { database: Database; boot: Boot; newId: () => string }) {
    this.ids = new EventIds(newId());
    this.#database = database;
    this.#boot = boot;
    this.#statements = prepareAll(database);
    database.onUndone(() => {
      this.#current = undefined;
    });
  }

  /** The number of this run; part of the transaction that is open. */
  current(): number {
    this.#current ??= this.#ensure();
    return this.#current;
  }

  /** Notes how long this run goes on by now. */
  note(): void {
    this.#database.write(() => this.#statements.note.run(Math.round(this.#boot.now().monoMs), this.current()));
  }

  /**
   * How long ago something was, at least: by monotonic time, and by the wall clock only where it was trusted then and
   * is now. Source: sync protocol, section 5.
   */
  ageMs(then: Moment, now: Moment = this.#boot.now()): number {
    if (then.boot === now.boot) return Math.max(0, now.monoMs - then.monoMs);
    const runs = this.#statements.runsSince.get({ earlier: then.boot, later: now.boot });
    const ranMs = Math.max(0, (runs?.firstMs ?? 0) - then.monoMs) + (runs?.betweenMs ?? 0) + now.monoMs;
    const isTrusted = then.wq === 2 && now.wq === 2;
    return isTrusted ? Math.max(ranMs, now.wallMs - then.wallMs) : ranMs;
  }

  /** Forgets the runs before the oldest of which an event is held, and what their events had in common. */
  forgetBefore(oldest: number): void {
    this.#database.assertWriting();
    this.#statements.forgetOrigins.run(oldest);
    this.#statements.forget.run(oldest);
  }

  #ensure(): number {
    this.#database.assertWriting();
    this.#statements.insert.run(this.#boot.id, this.ids.middle);
    return this.#statements.numberOf.get(this.#boot.id)?.n ?? 0;
  }
}

function prepareAll(database: Database) {
  return {
    insert: database.prepare<[string, string]>(
      'INSERT INTO boot (id, id_middle, last_mono_ms) VALUES (?, ?, 0) ON CONFLICT (id) DO NOTHING',
    ),
    numberOf: database.prepare<[string], { n: number }>('SELECT n FROM boot WHERE id = ?'),
    note: database.prepare<[number, number]>('UPDATE boot SET last_mono_ms = ? WHERE n = ?'),
    runsSince: database.prepare<[{ earlier: string; later: string }], { firstMs: number; betweenMs: number }>(
      `SELECT first.last_mono_ms AS firstMs, (SELECT coalesce(sum(last_mono_ms), 0) FROM boot
         WHERE n > first.n AND id <> @later) AS betweenMs FROM boot AS first WHERE first.id = @earlier`,
    ),
    forgetOrigins: database.prepare<[number]>('DELETE FROM origin WHERE boot < ?'),
    forget: database.prepare<[number]>('DELETE FROM boot WHERE n < ?'),
  };
}
