import type { LoggerOptions } from 'pino';
import type { HubEvent } from '../../contract/index.js';

type Warned = Extract<HubEvent, { type: 'hub.warned' }>['body'];

/** A line of the log, without its values. */
export type WarningLine = Omit<Warned, 'at' | 'count'>;

type Group = { line: WarningLine; count: number; toldMs: number | undefined };

const HOUR_MS = 60 * 60 * 1000;
const MOST_AN_HOUR = 30;
const MOST_GROUPS = 100;
// Numbers of pino's levels.
const WARN = 40;
const ERROR = 50;
const FATAL = 60;
/** Messages are constant sentences; whatever else comes may hold a value. */
const SENTENCE = /^[\p{L} ,;:'’()?.-]{1,200}$/u;
const CODE = /^[A-Za-z][A-Za-z0-9_.-]{0,63}$/;
const OTHERS: WarningLine = { level: 'warn', mod: 'hub', message: 'more kinds of warnings than are told', code: null };

/** Gathers what the log says with `warn` and worse: which part, which sentence, which code, how often, and never a value. */
export class Warnings {
  readonly #groups = new Map<string, Group>();
  #hour: { startMs: number; told: number } | undefined;

  /** The hooks of the logger whose lines are gathered. */
  get hooks(): NonNullable<LoggerOptions['hooks']> {
    const hear = (line: WarningLine) => this.hear(line);
    return {
      logMethod(args, method, level) {
        if (level >= WARN) hear(lineOf(args, level, this.bindings()));
        method.apply(this, args);
      },
    };
  }

  hear(line: WarningLine): void {
    const key = JSON.stringify([line.level, line.mod, line.message, line.code]);
    const known = this.#groups.get(key);
    if (known !== undefined) known.count += 1;
    else if (this.#groups.size < MOST_GROUPS) this.#groups.set(key, { line, count: 1, toldMs: undefined });
    else if (line !== OTHERS) this.#others();
  }

  /** What is to be told now, by the monotonic clock: each sentence once an hour, with how often it came since. */
  take(nowMs: number): (WarningLine & { count: number })[] {
    if (this.#hour === undefined || nowMs - this.#hour.startMs >= HOUR_MS) this.#hour = { startMs: nowMs, told: 0 };
    const due: (WarningLine & { count: number })[] = [];
    for (const group of this.#groups.values()) {
      const isDue = group.toldMs === undefined || nowMs - group.toldMs >= HOUR_MS;
      if (group.count === 0 || !isDue || this.#hour.told >= MOST_AN_HOUR) continue;
      due.push({ ...group.line, count: group.count });
      this.#hour.told += 1;
      group.count = 0;
      group.toldMs = nowMs;
    }
    return due;
  }

  #others(): void {
    const known = [...this.#groups.values()].find(({ line }) => line === OTHERS);
    if (known !== undefined) known.count += 1;
    else this.#groups.set('', { line: OTHERS, count: 1, toldMs: undefined });
  }
}

function lineOf(args: readonly unknown[], level: number, bindings: Record<string, unknown>): WarningLine {
  const [first, second] = args;
  const message = typeof first === 'string' ? first : second;
  const { mod } = bindings;
  return {
    level: level >= FATAL ? 'fatal' : level >= ERROR ? 'error' : 'warn',
    mod: typeof mod === 'string' && CODE.test(mod) ? mod : 'hub',
    message: typeof message === 'string' && SENTENCE.test(message) ? message : 'a line without a constant sentence',
    code: codeOf(first),
  };
}

function codeOf(facts: unknown): string | null {
  if (typeof facts !== 'object' || facts === null) return null;
  if ('code' in facts && typeof facts.code === 'string' && CODE.test(facts.code)) return facts.code;
  return 'err' in facts ? codeOf(facts.err) : null;
}
