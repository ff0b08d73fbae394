import { LANE_OF_EVENT } from '../../contract/index.js';
import type { LogRow } from '../storage/log-rows.js';
import type { CountedLane, QueueFile } from '../storage/queue-file.js';

/** Whether a queue is whole, and in words what is not as it must be. */
export type Verdict = { file: string; ok: boolean; events: number; gaps: number; problems: string[] };

const MOST_PROBLEMS = 100;
const LANES_OF_TYPES: ReadonlyMap<string, number> = new Map(Object.entries(LANE_OF_EVENT));

/** SQLite's own check, and the promises of the queue that the file alone can show. Source: sync protocol, section 9, I4 and I9. */
export function verify(file: QueueFile): Verdict {
  const problems = file.damage().map((line) => `SQLite: ${line}`);
  if (!/^[0-9a-f]{32}$/.test(file.meta('epoch') ?? '')) problems.push('the file has no epoch');
  const counted = { events: 0, gaps: 0 };
  const tallies = file.tallies();
  for (const lane of file.lanes()) problems.push(...verifyLane(file, lane, tallies, counted));
  for (const { key, body } of file.registers()) {
    if (!isJson(body)) problems.push(`register ${key}: its value is damaged`);
  }
  const { path } = file;
  return { file: path, ok: problems.length === 0, ...counted, problems: problems.slice(0, MOST_PROBLEMS) };
}

function verifyLane(
  file: QueueFile,
  { lane, base, next, acked, rows, enqueued, taken }: CountedLane,
  tallies: Record<string, number>,
  counted: { events: number; gaps: number },
): string[] {
  const problems: string[] = [];
  const tell = (problem: string) => {
    if (problems.length < MOST_PROBLEMS) problems.push(`lane ${lane}: ${problem}`);
  };
  let covered = acked;
  let countedRows = 0;
  for (const entry of file.entries(lane)) {
    const from = entry.kind === 'event' ? entry.row.pos : entry.row.from;
    const to = entry.kind === 'event' ? entry.row.pos : entry.row.to;
    if (from > covered + 1) tell(`nothing accounts for ${covered + 1 - base} to ${from - 1 - base}`);
    if (from <= covered) tell(`${from - base} is there twice, or acknowledged already`);
    if (to < from) tell(`the gap from ${from - base} ends before it begins`);
    covered = Math.max(covered, to);
    counted[entry.kind === 'event' ? 'events' : 'gaps'] += 1;
    if (entry.kind === 'gap') continue;
    if (from < next) countedRows += 1;
    for (const problem of eventProblems(entry.row, lane)) tell(`${from - base}: ${problem}`);
  }
  if (covered < next - 1) tell(`nothing accounts for ${covered + 1 - base} to ${next - 1 - base}`);
  if (countedRows !== rows) tell(`${countedRows} events are there, its counter says ${rows}`);
  const dropped = Object.entries(tallies)
    .filter(([name]) => name.startsWith(`dropped/${lane}/`))
    .reduce((sum, [, n]) => sum + n, 0);
  if (enqueued !== taken + dropped + rows)
    tell(`${enqueued} were accepted, but ${taken} taken, ${dropped} dropped and ${rows} held make another sum`);
  return problems;
}

function eventProblems({ type, body }: LogRow, lane: number): string[] {
  const problems: string[] = [];
  if (!isJson(body)) problems.push('its body is damaged');
  const right = LANES_OF_TYPES.get(type);
  if (right !== undefined && right !== lane) problems.push(`${type} belongs into lane ${right}`);
  return problems;
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

/** The same for people. */
export function verdictStory({ file, ok, events, gaps, problems }: Verdict): string {
  const head = `${file}: ${events} events and ${gaps} gaps, ${ok ? 'all as it must be' : 'NOT as it must be'}`;
  return `${[head, ...problems].join('\n')}\n`;
}
