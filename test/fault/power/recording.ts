import { readFileSync } from 'node:fs';

/** What a process asked of the file system, in order. `file` names an inode while it lives. */
export type RecordedOp =
  | { op: 'open'; file: number; name: string }
  | { op: 'write'; file: number; at: number; data: Buffer }
  | { op: 'truncate'; file: number; bytes: number }
  | { op: 'sync'; file: number }
  | { op: 'unlink'; name: string }
  | { op: 'rename'; from: string; to: string }
  | { op: 'sync-folder' };

const HEAD_BYTES = 32;

/** Reads what `record-writes.c` wrote down; a last entry that was cut by a kill is left out. */
export function readRecording(path: string): RecordedOp[] {
  const bytes = readFileSync(path);
  const ops: RecordedOp[] = [];
  for (let at = 0; at + HEAD_BYTES <= bytes.length; ) {
    const [code = 0, file = 0, offset = 0, length = 0] = [0, 8, 16, 24].map((part) =>
      Number(bytes.readBigUInt64LE(at + part)),
    );
    const data = bytes.subarray(at + HEAD_BYTES, at + HEAD_BYTES + length);
    at += HEAD_BYTES + length;
    if (data.length === length) ops.push(opOf(code, { file, offset, data }));
  }
  return ops;
}

function opOf(code: number, { file, offset, data }: { file: number; offset: number; data: Buffer }): RecordedOp {
  switch (code) {
    case 1:
      return { op: 'open', file, name: data.toString() };
    case 2:
      return { op: 'write', file, at: offset, data };
    case 3:
      return { op: 'truncate', file, bytes: offset };
    case 4:
      return { op: 'sync', file };
    case 5:
      return { op: 'unlink', name: data.toString() };
    case 6: {
      const [from = '', to = ''] = data.toString().split('\0');
      return { op: 'rename', from, to };
    }
    default:
      return { op: 'sync-folder' };
  }
}
