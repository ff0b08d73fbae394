import type { Lane } from '../../../contract/index.js';
import { closedPlaces, gapAt } from './record.js';
import { LIMITS, type Rules } from './rules.js';
import type { HubRecord, InboxRow, Moment, Piece, Request, Stream } from './types.js';

/** The protocol as it is to be. Source: sync protocol, sections 3 to 6; where it says less than is needed, the rule says why. */
export const TRUE_RULES: Rules = {
  hub: {
    quota: (lane) => LIMITS.quota[lane],
    dropFloor: ({ acked, sent }) => Math.max(acked.seq, sent),
    dropOrder: (rows) => rows,
    namesDrops: true,
    isExpired: ({ boot, monoMs, wallMs, wq }, now) => {
      if (boot === now.boot) return now.monoMs - monoMs >= LIMITS.ttlMs;
      return wq === 2 && now.wq === 2 && now.wallMs - wallMs >= LIMITS.ttlMs;
    },
    laneOrder: (turn) => (turn % 3 === 0 ? [0, 3, 2, 1] : [0, 1, 2, 3]),
    ackedUpTo: (_, ack) => ack,
    // What the cloud did not compare with its own may be another copy's: it is acknowledged when it is sent again.
    proven: ({ pieces, after }, lane, ack) => {
      const last = pieces[lane].at(-1);
      return Math.min(ack, Math.max(after[lane].seq, last?.row?.seq ?? last?.gap?.to ?? 0));
    },
    // Not `next - 1`: a copy of the card may have got further with numbers that were given here and never sent.
    isForeign: ({ acked, sent }, ack) => ack > Math.max(acked.seq, sent),
    isOfThisEpoch: (card, { to }) => to.epoch === card.epoch,
    isOfOldGen: (card, { gen }) => gen < card.gen,
    clearsRegister: (ver, acked) => ver === acked,
    countsOverwritten: true,
    marksAllDirty: true,
    restartsDown: true,
    was: (was, last) => [...was, last],
    moved: (rows) => rows,
    sentBefore: ({ sent }) => sent,
    takesNewEpoch: true,
    // A restored cloud lacks the end of an epoch that the hub has left meanwhile, and the epoch itself: it must hear of both.
    namesLeft: true,
    isDurable: true,
    nextAfterOpen: ({ next }) => next,
    freesFullDisk: true,
    deletesBeforeReply: false,
    namesUncommitted: false,
    clockQuality: (honest) => honest,
    isHeld: (card, { gen, downSeq }) =>
      [...card.inbox.values()].some((row) => row.gen === gen && row.downSeq === downSeq),
    isKnown: (row) => row !== undefined,
    // Whatever the incarnation: revisions rise over restores, and what the hub has forgotten must not run again.
    isOutdated: (newest, { rev }) => newest !== undefined && newest.rev >= rev,
    supersedes: (older, newer) => older.slot === newer.slot && older.rev < newer.rev,
    isOverdue,
    runsAgain: ({ atMostOnce }) => !atMostOnce,
    tellsAgain: true,
    endsWithResult: true,
    resultFirst: false,
    next: (waiting) => waiting[0],
  },
  cloud: {
    isFork: (record, lane, request) => isForkByCursor(record, lane, request) || isForkByPlaces(record, lane, request),
    skips: (seq, hwm) => seq <= hwm,
    mayStartAt: (first, hwm) => first <= hwm + 1,
    closesOlder: true,
    refusesClosed: true,
    // By what it is and not by where it was: two copies of a card give one number to two events.
    isCovered: (record, _, { hash }) => record.hashes.has(hash),
    // What cannot be read any more may have been delivered; what was dropped on purpose never was: there another copy's is.
    isGapCovered: (record, lane, { from, was, reason }, seq) =>
      closedPlaces(record, lane, was, seq - from).some(
        (place) => reason === 'corrupt' || gapAt(place.stream, place.seq) !== undefined,
      ),
    fillsRollback: ({ hwm }, after) => after.seq > hwm,
    renewsGen: true,
    isNewerRegister: (known, { ord, ver }) =>
      known === undefined || known.ord < ord || (known.ord === ord && known.ver < ver),
    keepsPoison: true,
    storesEvent: () => true,
    repliesBeforeCommit: false,
    marksOutsideCommit: false,
    acked: (hwm) => hwm,
    storesGaps: true,
    gapReaches: ({ to }) => to,
    leavesTombstones: true,
    mayOfferAgain: ({ state, atMostOnce }) => state !== 'RECEIVED' || !atMostOnce,
    takesLateResults: true,
    spanMs: (deadlineMs, nowMs) => Math.max(0, deadlineMs - nowMs),
    // Compared within so much, and not noticed to move by less than as much again.
    slackOfWallMs: 2 * LIMITS.trustMs,
    usesFloors: true,
    usesAnchors: true,
    // A request may have been long under way: it arrived not before it was sent, and that is all it says.
    asksDelay: true,
    bodyOf: ({ hash }) => hash,
  },
};

function isOverdue({ deadline }: InboxRow, now: Pick<Moment, 'boot' | 'monoMs' | 'wallMs' | 'wq'>): boolean {
  if (deadline === undefined) return false;
  if (deadline.boot === now.boot) return now.monoMs >= deadline.monoMs;
  return now.wq === 2 && now.wallMs >= deadline.wallMs;
}

/** The two looks that the protocol asks for: what the hub remembers of the last number, and a slice that ends there. */
export function isForkByCursor(record: HubRecord, lane: Lane, { epoch, after, pieces }: Request): boolean {
  const stream = record.streams.get(`${epoch} ${lane}`);
  if (stream === undefined || stream.hwmId === null) return false;
  const { hwm, hwmId } = stream;
  const { seq, id } = after[lane];
  if (seq === hwm && id !== null && id !== hwmId) return true;
  return lastOfSlices(pieces[lane]).some((row) => row.seq === hwm && row.hash !== hwmId);
}

/** What is sent again must be what is here: a copy of the card may have got past the place where the two differ. */
function isForkByPlaces(record: HubRecord, lane: Lane, { epoch, after, pieces }: Request): boolean {
  const stream = record.streams.get(`${epoch} ${lane}`);
  if (stream === undefined) return false;
  const { seq, id } = after[lane];
  if (id !== null && seq <= stream.hwm && isOther(stream, seq, id)) return true;
  return pieces[lane].some(({ row, gap }) => {
    if (row !== undefined) return row.seq <= stream.hwm && isOther(stream, row.seq, row.hash);
    for (let at = gap.from; at <= Math.min(gap.to, stream.hwm); at += 1) if (stream.rows.has(at)) return true;
    return false;
  });
}

/** A gap that a restore made may stand where an event was. */
function isOther(stream: Stream, seq: number, hash: string): boolean {
  const row = stream.rows.get(seq);
  const gap = gapAt(stream, seq);
  return (row !== undefined && row.hash !== hash) || (gap !== undefined && gap.reason !== 'cloud_rollback');
}

function lastOfSlices(pieces: readonly Piece[]) {
  return pieces.flatMap(({ row }, index) => (row !== undefined && pieces[index + 1]?.row === undefined ? [row] : []));
}
