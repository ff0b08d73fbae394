import { RRuleTemporal } from 'rrule-temporal';
import { wallTime } from '../local-time.js';
import type { Moment } from './vevent.js';

/** Work that all rules of a screen may take together, in periods that have to be looked at. */
export class RecurrenceBudget {
  #periods = MOST_PERIODS;

  /** @returns whether there is enough left */
  take(periods: number): boolean {
    if (periods > this.#periods) return false;
    this.#periods -= periods;
    return true;
  }
}

/** Some three seconds on a laptop of 2020; three thousand ordinary rules. */
const MOST_PERIODS = 60_000;
const PERIODS_OF_ANY_RULE = 20;
/** A rule may count its occurrences from its beginning: ten years of days. */
const MOST_PERIODS_A_RULE = 4_000;
/** Looking at one candidate within a period takes a tenth of a period's time. */
const PERIODS_A_CANDIDATE = 0.1;
const MOST_TIMES_A_DAY = 24;
const HOUR_MS = 3_600_000;
const PERIOD_MS: Readonly<Record<string, number>> = {
  HOURLY: HOUR_MS,
  DAILY: 24 * HOUR_MS,
  WEEKLY: 168 * HOUR_MS,
  MONTHLY: 672 * HOUR_MS,
  YEARLY: 8760 * HOUR_MS,
};

/**
 * The beginnings of the occurrences of a rule (RFC 5545 section 3.3.10) between two instants; those at a time which a
 * change of clocks skips are left out, as the RFC has it. Days stand at midnight UTC.
 *
 * @returns `undefined` when the rule cannot be read, repeats by the minute or faster, or takes too much work
 */
export function occurrences(
  rule: string,
  start: Moment,
  fromMs: number,
  toMs: number,
  budget: RecurrenceBudget,
): number[] | undefined {
  const parts = new Map(
    rule
      .toUpperCase()
      .split(';')
      .map((part) => split(part)),
  );
  const periodMs = PERIOD_MS[parts.get('FREQ') ?? ''];
  if (periodMs === undefined || timesADay(parts) > MOST_TIMES_A_DAY) return undefined;
  const startMs = start.allDay ? Date.parse(start.day) : start.ms;
  if (startMs > toMs) return [];
  const interval = Math.max(1, Number(parts.get('INTERVAL') ?? 1));
  // A rule that counts is followed from its beginning, any other only between the two instants.
  const followedMs = toMs - (parts.has('COUNT') ? startMs : Math.max(startMs, fromMs));
  const periods = Math.min(Number(parts.get('COUNT') ?? Infinity), followedMs / periodMs / interval);
  const work = Math.max(1, periods) * (1 + candidatesOf(parts) * PERIODS_A_CANDIDATE);
  if (!(work <= MOST_PERIODS_A_RULE) || !budget.take(work + PERIODS_OF_ANY_RULE)) return undefined;
  try {
    const limits = { maxIterations: 2 * MOST_PERIODS_A_RULE, maxCandidateEvaluations: 16 * MOST_PERIODS_A_RULE };
    const series = new RRuleTemporal({
      rruleString: `${dtstart(start)}\nRRULE:${[...parts].map((part) => part.join('=')).join(';')}`,
      ...limits,
    });
    return series.between(new Date(fromMs), new Date(toMs), true).map((at) => at.epochMilliseconds);
  } catch {
    return undefined;
  }
}

function split(part: string): [string, string] {
  const [name = '', value = ''] = part.split('=', 2);
  return [name.trim(), value.trim()];
}

/** How many moments of one period the lists of a rule name at most. */
function candidatesOf(parts: ReadonlyMap<string, string>): number {
  const lists = [...parts].filter(([name]) => name.startsWith('BY') && name !== 'BYSETPOS');
  return lists.reduce((product, [, list]) => product * list.split(',').length, 1);
}

function timesADay(parts: ReadonlyMap<string, string>): number {
  const lists = ['BYHOUR', 'BYMINUTE', 'BYSECOND'].map((name) => parts.get(name)?.split(',').length ?? 1);
  return lists.reduce((product, length) => product * length, 1);
}

function dtstart(start: Moment): string {
  if (start.allDay) return `DTSTART:${start.day.replaceAll('-', '')}T000000Z`;
  const { year, month, day, hour, minute, second } = wallTime(start.ms, start.timeZone);
  const two = (value: number) => String(value).padStart(2, '0');
  const wall = `${String(year).padStart(4, '0')}${two(month)}${two(day)}T${two(hour)}${two(minute)}${two(second)}`;
  return start.timeZone === 'UTC' ? `DTSTART:${wall}Z` : `DTSTART;TZID=${start.timeZone}:${wall}`;
}
