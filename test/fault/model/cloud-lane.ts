import type { Lane } from '../../../contract/index.js';
import type { StepOf } from '../queue/history.js';
import { noteArrival, timeOf } from './cloud-time.js';
import { streamIn } from './record.js';
import type { Rules } from './rules.js';
import type { Gap, HubRecord, Piece, Request, Result, Row, Stream } from './types.js';

type Scene = {
  readonly record: HubRecord;
  readonly request: Request;
  readonly nowMs: number;
  readonly rules: Rules['cloud'];
};

type CommitParts = Pick<StepOf<'cloud.commit'>, 'seqs' | 'dead' | 'covered' | 'gaps'>;

/** What became of a lane: the commit as the history tells it, and the results that were in it. */
export type LaneCommit = {
  readonly stream: Stream;
  readonly old: number;
  readonly parts: CommitParts;
  readonly results: Result[];
};

/** A restored cloud names what it lacks of a stream. Source: sync protocol, section 3 rule 6. */
export function fillRollback(stream: Stream, after: { seq: number; id: string | null }, parts: CommitParts): void {
  const gap: Gap = { from: stream.hwm + 1, to: after.seq, reason: 'cloud_rollback', was: [] };
  stream.gaps.push(gap);
  parts.gaps.push({ from: gap.from, to: gap.to, reason: gap.reason });
  stream.hwm = after.seq;
  stream.hwmId = after.id;
}

export function emptyParts(): CommitParts {
  return { seqs: [], dead: [], covered: [], gaps: [] };
}

/** One lane of a request, in the transaction of the request. Source: sync protocol, section 3 rules 1, 2, 6 and 7. */
export function applyLane(scene: Scene, lane: Lane): LaneCommit {
  const { record, request, rules, nowMs } = scene;
  noteArrival(record, request, nowMs);
  const stream = streamIn(record, request.hub, request.epoch, lane);
  const old = stream.hwm;
  const commit: LaneCommit = { stream, old, parts: emptyParts(), results: [] };
  const after = request.after[lane];
  if (rules.fillsRollback(stream, after)) fillRollback(stream, after, commit.parts);
  const pieces = request.pieces[lane];
  if (leavesHole(pieces, stream.hwm, rules)) return commit;
  for (const { row, gap } of pieces) {
    if (row !== undefined) {
      if (!rules.skips(row.seq, stream.hwm)) takeRow(scene, commit, row);
    } else if (!rules.skips(gap.to, stream.hwm)) takeGap(scene, commit, gap);
  }
  return commit;
}

function leavesHole(pieces: readonly Piece[], hwm: number, rules: Rules['cloud']): boolean {
  let next = hwm;
  for (const { row, gap } of pieces) {
    if (!rules.mayStartAt(row?.seq ?? gap?.from ?? 0, next)) return true;
    next = Math.max(next, row?.seq ?? gap?.to ?? 0);
  }
  return false;
}

function takeRow(scene: Scene, { stream, parts, results }: LaneCommit, row: Row): void {
  const { record, rules } = scene;
  const { seq } = row;
  stream.hwmId = row.hash;
  if (row.was.length > 0 && rules.isCovered(record, stream.lane, row)) {
    parts.covered.push([seq, seq]);
    stream.hwm = seq;
    return;
  }
  if (row.poison && !rules.keepsPoison) {
    stream.hwm = seq;
    return;
  }
  if (!rules.storesEvent(row)) {
    const gap: Gap = { from: seq, to: seq, reason: 'quota', was: [] };
    parts.gaps.push({ from: seq, to: seq, reason: gap.reason });
    stream.gaps.push(gap);
    stream.hwm = Math.max(stream.hwm, seq);
    return;
  }
  const time = timeOf(row, { ...scene, stream });
  stream.floorMs = Math.max(stream.floorMs, time.tsLo);
  stream.rows.set(seq, { hash: rules.bodyOf(row), isDead: row.poison, ...time });
  record.hashes.add(row.hash);
  (row.poison ? parts.dead : parts.seqs).push([seq, seq]);
  if (row.result !== undefined && !row.poison) results.push(row.result);
  stream.hwm = Math.max(stream.hwm, seq);
}

/** Of a gap what is above the mark; what the cloud names elsewhere already is covered. */
function takeGap({ record, rules }: Scene, { stream, parts }: LaneCommit, gap: Gap): void {
  for (let seq = Math.max(gap.from, stream.hwm + 1); seq <= rules.gapReaches(gap); seq += 1) {
    if (rules.isGapCovered(record, stream.lane, gap, seq)) parts.covered.push([seq, seq]);
    else if (rules.storesGaps) {
      parts.gaps.push({ from: seq, to: seq, reason: gap.reason });
      stream.gaps.push({ from: seq, to: seq, reason: gap.reason, was: [] });
    }
  }
  stream.hwm = gap.to;
  stream.hwmId = null;
}
