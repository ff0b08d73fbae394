import type { Lane } from '../../contract/index.js';
import { timestamp } from '../boot.js';
import type { CountedLane, QueueFile } from '../storage/queue-file.js';

/** What waits in a lane, in sequence numbers. */
export type InspectedLane = {
  lane: Lane;
  acked: number;
  sent: number;
  last: number;
  rows: number;
  bodyBytes: number;
  oldestAt: string | null;
  gaps: { from: number; to: number; reason: string; rows: number }[];
};

/** What a technician wants to know of a queue at a glance. */
export type Inspection = {
  file: string;
  version: number;
  epoch: string | null;
  damagedAt: string | null;
  lanes: InspectedLane[];
  registers: { kept: number; unsent: number };
  commands: Record<string, number>;
  tallies: Record<string, number>;
  fileBytes: number;
  walBytes: number;
  freeBytes: number;
};

const MOST_GAPS = 20;
const LANE_NAMES: Readonly<Record<Lane, string>> = { 0: 'control', 1: 'event', 2: 'telemetry', 3: 'bulk' };

export function inspect(file: QueueFile): Inspection {
  const registers = file.registers();
  const commands: Record<string, number> = {};
  for (const { state } of file.commands()) commands[state] = (commands[state] ?? 0) + 1;
  return {
    file: file.path,
    version: file.version,
    epoch: file.meta('epoch') ?? null,
    damagedAt: file.meta('damaged_at') ?? null,
    lanes: file.lanes().map((lane) => inspectLane(file, lane)),
    registers: { kept: registers.length, unsent: registers.filter(({ dirty }) => dirty === 1).length },
    commands,
    tallies: file.tallies(),
    ...file.sizes(),
  };
}

function inspectLane(file: QueueFile, { lane, base, next, acked, sent }: CountedLane): InspectedLane {
  const found: InspectedLane = {
    ...{ lane, acked: acked - base, sent: sent - base, last: next - 1 - base },
    ...{ rows: 0, bodyBytes: 0, oldestAt: null, gaps: [] },
  };
  for (const entry of file.entries(lane)) {
    if (entry.kind === 'gap') {
      const { from, to, reason, rows } = entry.row;
      found.gaps.push({ from: from - base, to: to - base, reason, rows });
      found.last = Math.max(found.last, to - base);
      continue;
    }
    const { pos, body, wallMs } = entry.row;
    found.rows += 1;
    found.bodyBytes += Buffer.byteLength(body);
    found.oldestAt ??= timestamp(wallMs);
    found.last = Math.max(found.last, pos - base);
  }
  return found;
}

/** The same for people. */
export function inspectionStory(found: Inspection): string {
  const { file, version, epoch, damagedAt, lanes, registers, commands, tallies, fileBytes, walBytes, freeBytes } =
    found;
  const counts = (of: Record<string, number>) =>
    Object.entries(of)
      .map(([name, n]) => `${name} ${n}`)
      .join(', ') || 'none';
  const lines = [
    `${file}, version ${version}, epoch ${epoch ?? 'none'}`,
    ...(damagedAt === null ? [] : [`an earlier file was found damaged at ${damagedAt}`]),
    ...lanes.flatMap(laneStory),
    `registers: ${registers.kept}, of which ${registers.unsent} are not sent`,
    `commands: ${counts(commands)}`,
    `counted since the file was made: ${counts(tallies)}`,
    `on disk: ${fileBytes} bytes, of which ${freeBytes} are free, and ${walBytes} of write-ahead log`,
  ];
  return `${lines.join('\n')}\n`;
}

function laneStory({ lane, acked, sent, last, rows, bodyBytes, oldestAt, gaps }: InspectedLane): string[] {
  const oldest = oldestAt === null ? '' : `, the oldest of ${oldestAt} by the hub's clock`;
  const hidden = gaps.length > MOST_GAPS ? [`    and ${gaps.length - MOST_GAPS} gaps more`] : [];
  return [
    `lane ${lane} (${LANE_NAMES[lane]}): ${rows} events of ${bodyBytes} bytes wait${oldest}; the cloud has ${acked} of ${last}, ${sent} were sent`,
    ...gaps
      .slice(0, MOST_GAPS)
      .map(({ from, to, reason, rows: n }) => `    gap ${from} to ${to}: ${n} events, ${reason}`),
    ...hidden,
  ];
}
