import { timestamp } from '../boot.js';
import type { QueueEntry, QueueFile } from '../storage/queue-file.js';

/** Everything that the cloud does not have yet, a line of JSON each; what commands say stays here: it is the household's. */
export function* exportLines(file: QueueFile): Generator<string> {
  yield line({ kind: 'queue', epoch: file.meta('epoch') ?? null, version: file.version, file: file.path });
  for (const { lane, base } of file.lanes()) {
    for (const entry of file.entries(lane)) yield line({ kind: entry.kind, lane, ...told(entry, base) });
  }
  for (const { key, ver, dirty, body } of file.registers()) {
    yield line({ kind: 'register', key, ver, isSent: dirty === 0, body: parsed(body) });
  }
  for (const { kind, ...rest } of file.commands()) yield line({ kind: 'command', command: kind, ...rest });
}

function told(entry: QueueEntry, base: number): Record<string, unknown> {
  if (entry.kind === 'gap') {
    const { from, to, reason, rows, bytes, firstMs, lastMs } = entry.row;
    const at = (ms: number | null) => (ms === null ? null : timestamp(ms));
    return { from: from - base, to: to - base, reason, rows, bytes, firstAt: at(firstMs), lastAt: at(lastMs) };
  }
  const { pos, id, type, tv, boot, monoMs, wallMs, wq, body } = entry.row;
  return { seq: pos - base, id, type, tv, boot, monoMs, wall: timestamp(wallMs), wq, body: parsed(body) };
}

/** A damaged body is shown as it is. */
function parsed(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return { damaged: body };
  }
}

function line(value: object): string {
  return `${JSON.stringify(value)}\n`;
}
