import type { Lane } from '../../../contract/index.js';
import type { Gap, HubRecord, Row, Stream } from './types.js';

export function newRecord(bornMs: number): HubRecord {
  return {
    streams: new Map(),
    epochs: [],
    regs: new Map(),
    commands: [],
    hashes: new Set(),
    pairs: new Map(),
    bornMs,
    downNext: 1,
  };
}

export function copyOfRecord(record: HubRecord): HubRecord {
  return {
    ...record,
    streams: new Map(
      [...record.streams].map(([key, one]) => [key, { ...one, rows: new Map(one.rows), gaps: [...one.gaps] }]),
    ),
    epochs: record.epochs.map((epoch) => ({ ...epoch })),
    regs: new Map(record.regs),
    commands: record.commands.map((command) => ({ ...command })),
    hashes: new Set(record.hashes),
    pairs: new Map([...record.pairs].map(([boot, pair]) => [boot, { ...pair }])),
  };
}

export function streamIn(record: HubRecord, hub: string, epoch: string, lane: Lane): Stream {
  const key = `${epoch} ${lane}`;
  const known = record.streams.get(key);
  if (known !== undefined) return known;
  const made: Stream = { hub, epoch, lane, hwm: 0, hwmId: null, floorMs: record.bornMs, rows: new Map(), gaps: [] };
  record.streams.set(key, made);
  return made;
}

export function gapAt({ gaps }: Pick<Stream, 'gaps'>, seq: number): Gap | undefined {
  return gaps.find(({ from, to }) => from <= seq && seq <= to);
}

/** Where a number of a gap, or a row, was before; the streams of the closed epochs that reach so far. */
export function closedPlaces(
  record: HubRecord,
  lane: Lane,
  was: Row['was'],
  offset = 0,
): { stream: Stream; seq: number }[] {
  return was.flatMap(({ epoch, from }) => {
    const stream = record.streams.get(`${epoch} ${lane}`);
    const isClosed = record.epochs.find((one) => one.epoch === epoch)?.isClosed === true;
    const seq = from + offset;
    return stream !== undefined && isClosed && stream.hwm >= seq ? [{ stream, seq }] : [];
  });
}
