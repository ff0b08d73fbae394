import { timestamp } from '../boot.js';
import type { QueueEntry, QueueFile } from '../storage/queue-file.js';

/** What the household calls itself and its displays, and what proves a binding. */
const THEIRS = new Set(['householdName', 'name', 'receiptSha256']);
const LEFT_OUT = '(left out)';

/**
 * Everything that the cloud does not have yet, a line of JSON each. What commands say stays here: it is the household's. So
 * do its names, unless they are asked for.
 */
export function* exportLines(file: QueueFile, { withNames = false } = {}): Generator<string> {
  const parsed = (body: string) => bodyOf(body, withNames);
  yield line({ kind: 'queue', epoch: file.meta('epoch') ?? null, version: file.version, file: file.path });
  for (const { lane, base } of file.lanes()) {
    for (const entry of file.entries(lane)) yield line({ kind: entry.kind, lane, ...told(entry, base, parsed) });
  }
  for (const { key, ver, dirty, body } of file.registers()) {
    yield line({ kind: 'register', key, ver, isSent: dirty === 0, body: parsed(body) });
  }
  for (const { kind, ...rest } of file.commands()) yield line({ kind: 'command', command: kind, ...rest });
}

function told(entry: QueueEntry, base: number, parsed: (body: string) => unknown): Record<string, unknown> {
  if (entry.kind === 'gap') {
    const { from, to, reason, rows, bytes, firstMs, lastMs } = entry.row;
    const at = (ms: number | null) => (ms === null ? null : timestamp(ms));
    return { from: from - base, to: to - base, reason, rows, bytes, firstAt: at(firstMs), lastAt: at(lastMs) };
  }
  const { pos, id, type, tv, boot, monoMs, wallMs, wq, body } = entry.row;
  return { seq: pos - base, id, type, tv, boot, monoMs, wall: timestamp(wallMs), wq, body: parsed(body) };
}

/** A damaged body may hold anything: it is told by its size. */
function bodyOf(body: string, withNames: boolean): unknown {
  try {
    return JSON.parse(body, (key, value: unknown) => (withNames || !THEIRS.has(key) ? value : LEFT_OUT));
  } catch {
    return withNames ? { damaged: body } : { damagedBytes: Buffer.byteLength(body) };
  }
}

function line(value: object): string {
  return `${JSON.stringify(value)}\n`;
}
