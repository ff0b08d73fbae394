import type { InvariantId } from '../queue/checks.js';
import type { Rules } from './rules.js';
import { isForkByCursor, TRUE_RULES } from './true-rules.js';

/** One rule of the protocol broken, and the invariants of which one must say so. */
export type Mutant = {
  readonly name: string;
  readonly caughtBy: readonly InvariantId[];
  readonly rules: Rules;
  /** Near where it is first seen, if that is late. */
  readonly seed?: number;
};

const hub = (rules: Partial<Rules['hub']>): Rules => ({ ...TRUE_RULES, hub: { ...TRUE_RULES.hub, ...rules } });
const cloud = (rules: Partial<Rules['cloud']>): Rules => ({ ...TRUE_RULES, cloud: { ...TRUE_RULES.cloud, ...rules } });

/**
 * Not here, because no schedule can tell them from the protocol:
 * - A cloud without `E_HOLE`: a hub sends from `after + 1` on, and rule 6 lifts the mark to `after` first, so that no
 *   request can start above the mark. It is caught together with drops that leave no gap: `drop without gap`.
 * - An acknowledgement of what was sent in place of the mark: after a request that was applied the two are one.
 * - A hub that takes stale acknowledgements: what is deleted is deleted.
 * - A hub that takes foreign acknowledgements, but of each no more than was in its request: the cloud compares that, and finds
 *   the copy. It is caught together with the other: `foreign acknowledgement taken`.
 * - A cloud that believes the down cursor of another incarnation: the next request has one of its own and gets all again; what
 *   may run once is then unknown without need, and no promise forbids to know less.
 * - A cloud that ends nothing without a word of its hub: here every hub comes back, and what is over ends when it is offered.
 */
export const MUTANTS: readonly Mutant[] = [
  { name: 'drop without gap', caughtBy: ['I1'], rules: hub({ namesDrops: false }) },
  { name: 'gap not stored', caughtBy: ['I1'], rules: cloud({ storesGaps: false }) },
  { name: 'poison thrown away', caughtBy: ['I1'], rules: cloud({ keepsPoison: false }) },
  { name: 'event named and not stored', caughtBy: ['I1'], rules: cloud({ storesEvent: ({ seq }) => seq % 3 > 0 }) },
  { name: 'fork looked for at the cursor only', seed: 500, caughtBy: ['I1'], rules: cloud({ isFork: isForkByCursor }) },
  { name: 'fork never looked for', caughtBy: ['I1'], rules: cloud({ isFork: () => false }) },
  {
    name: 'foreign acknowledgement taken',
    seed: 150,
    caughtBy: ['I1'],
    rules: hub({ isForeign: () => false, proven: (_, __, ack) => ack }),
  },
  {
    name: 'acknowledgement of what another copy sent',
    seed: 1800,
    caughtBy: ['I1'],
    rules: hub({ proven: (_, __, ack) => ack }),
  },
  { name: 'reply of another epoch taken', seed: 285, caughtBy: ['I8'], rules: hub({ isOfThisEpoch: () => true }) },
  {
    name: 'covered by place and not by id',
    caughtBy: ['I1'],
    rules: cloud({
      isCovered: (record, lane, { was }) =>
        was.some(({ epoch, from }) => {
          const isClosed = record.epochs.some((one) => one.epoch === epoch && one.isClosed);
          return isClosed && (record.streams.get(`${epoch} ${lane}`)?.hwm ?? 0) >= from;
        }),
    }),
  },
  { name: 'left epochs not named', caughtBy: ['I1'], rules: hub({ namesLeft: false }) },
  { name: 'gap moved and stored again', caughtBy: ['I1'], rules: cloud({ isGapCovered: () => false }) },
  { name: 'sent mark lost in a move', seed: 100_115, caughtBy: ['I1'], rules: hub({ sentBefore: () => 0 }) },
  { name: 'body of another event stored', caughtBy: ['I2'], rules: cloud({ bodyOf: ({ hash }) => `${hash}?` }) },
  { name: 'moved without was', caughtBy: ['I3'], rules: hub({ was: () => [] }) },
  { name: 'moved events stored again', caughtBy: ['I3'], rules: cloud({ isCovered: () => false }) },
  {
    name: 'older epochs left open',
    caughtBy: ['I3', 'I1'],
    rules: cloud({ closesOlder: false, refusesClosed: false }),
  },
  { name: 'closed epochs served', seed: 150, caughtBy: ['I3', 'I1', 'I10'], rules: cloud({ refusesClosed: false }) },
  { name: 'stored again below the mark', caughtBy: ['I3'], rules: cloud({ skips: () => false }) },
  { name: 'gap one too long', caughtBy: ['I4'], rules: cloud({ gapReaches: ({ to }) => to + 1 }) },
  { name: 'mark outside the transaction', caughtBy: ['I5'], rules: cloud({ marksOutsideCommit: true }) },
  {
    name: 'order turned round in a move',
    caughtBy: ['I6'],
    rules: hub({
      moved: (rows) => rows.map((row, index) => ({ ...(rows[rows.length - 1 - index] ?? row), seq: row.seq })),
    }),
  },
  { name: 'reply before the commit', caughtBy: ['I7'], rules: cloud({ repliesBeforeCommit: true }) },
  { name: 'one too many acknowledged', caughtBy: ['I7'], rules: cloud({ acked: (hwm) => (hwm > 0 ? hwm + 1 : 0) }) },
  { name: 'deleted when sent', caughtBy: ['I8'], rules: hub({ deletesBeforeReply: true }) },
  {
    name: 'acknowledged by count and not by number',
    caughtBy: ['I9', 'I1', 'I17'],
    rules: hub({ ackedUpTo: ({ rows, acked }, ack) => rows[Math.min(ack - acked.seq, rows.length) - 1]?.seq ?? ack }),
  },
  { name: 'answered before the disk has it', caughtBy: ['I9'], rules: hub({ isDurable: false }) },
  { name: 'epoch kept on a new card', caughtBy: ['I9'], rules: hub({ takesNewEpoch: false }) },
  {
    name: 'number given again after a delete',
    caughtBy: ['I9'],
    rules: hub({
      nextAfterOpen: ({ rows, gaps }) => Math.max(0, ...rows.map(({ seq }) => seq), ...gaps.map(({ to }) => to)) + 1,
    }),
  },
  { name: 'older value of a register taken', caughtBy: ['I10'], rules: cloud({ isNewerRegister: () => true }) },
  { name: 'register clean by any acknowledgement', caughtBy: ['I10'], rules: hub({ clearsRegister: () => true }) },
  { name: 'registers clean after a restore', seed: 60, caughtBy: ['I10'], rules: hub({ marksAllDirty: false }) },
  { name: 'overwritten values not counted', caughtBy: ['I10'], rules: hub({ countsOverwritten: false }) },
  { name: 'dropped with room left', caughtBy: ['I11'], rules: hub({ quota: () => 3 }) },
  { name: 'youngest dropped first', caughtBy: ['I11'], rules: hub({ dropOrder: (rows) => [...rows].reverse() }) },
  { name: 'dropped though sent', caughtBy: ['I11'], rules: hub({ dropFloor: ({ acked }) => acked.seq }) },
  {
    name: 'expired by a clock that nobody trusts',
    seed: 50,
    caughtBy: ['I11'],
    rules: hub({ isExpired: ({ wallMs }, now) => now.wallMs - wallMs >= 200_000 }),
  },
  { name: 'run again although once is the law', caughtBy: ['I12'], rules: hub({ runsAgain: () => true }) },
  {
    name: 'run again after its end',
    caughtBy: ['I12'],
    rules: hub({ isKnown: (row) => row?.state !== 'DONE', isOutdated: () => false, isHeld: () => false }),
  },
  {
    name: 'forgotten and run again after a restore',
    seed: 160,
    caughtBy: ['I12'],
    rules: hub({
      isOutdated: (newest, { gen, rev }) =>
        newest !== undefined && (newest.gen > gen || (newest.gen === gen && newest.rev > rev)),
    }),
  },
  {
    name: 'older revision run after a newer',
    caughtBy: ['I12'],
    rules: hub({ isOutdated: () => false, supersedes: () => false, next: (waiting) => waiting.at(-1) }),
  },
  { name: 'end not kept', caughtBy: ['I12'], rules: hub({ endsWithResult: false }) },
  { name: 'incarnation not renewed', seed: 50, caughtBy: ['I13', 'I10'], rules: cloud({ renewsGen: false }) },
  { name: 'down cursor kept after a restore', seed: 50, caughtBy: ['I13'], rules: hub({ restartsDown: false }) },
  {
    name: 'new commands taken for old ones of another incarnation',
    seed: 50,
    caughtBy: ['I13'],
    rules: hub({ isHeld: (card, { downSeq }) => [...card.inbox.values()].some((row) => row.downSeq === downSeq) }),
  },
  { name: 'command received that was not committed', caughtBy: ['I13'], rules: hub({ namesUncommitted: true }) },
  { name: 'no line for a command that is over', caughtBy: ['I13'], rules: cloud({ leavesTombstones: false }) },
  { name: 'late result refused', caughtBy: ['I13'], rules: cloud({ takesLateResults: false }) },
  { name: 'result not told again', seed: 140, caughtBy: ['I13'], rules: hub({ tellsAgain: false }) },
  { name: 'result before the effect', caughtBy: ['I13'], rules: hub({ resultFirst: true }) },
  {
    name: 'offered again though it may have run',
    seed: 1880,
    caughtBy: ['I13', 'I12'],
    rules: cloud({ mayOfferAgain: () => true }),
  },
  { name: 'deadline not looked at', caughtBy: ['I14'], rules: hub({ isOverdue: () => false }) },
  {
    name: 'deadline by the wall clock',
    seed: 150,
    caughtBy: ['I14'],
    rules: hub({ isOverdue: ({ deadline }, { wallMs }) => deadline !== undefined && wallMs >= deadline.wallMs }),
  },
  {
    name: 'span counted when the command was made',
    caughtBy: ['I14'],
    rules: cloud({ spanMs: (deadlineMs, _, createdMs) => deadlineMs - createdMs }),
  },
  { name: 'no quota', seed: 130, caughtBy: ['I15'], rules: hub({ quota: () => Number.POSITIVE_INFINITY }) },
  { name: 'full disk not freed by an acknowledgement', caughtBy: ['I15'], rules: hub({ freesFullDisk: false }) },
  { name: 'rollback not filled', caughtBy: ['I16'], rules: cloud({ fillsRollback: () => false }) },
  { name: 'control last', caughtBy: ['I17'], rules: hub({ laneOrder: () => [3, 2, 1, 0] }) },
  { name: 'arrival taken for the moment of sending', caughtBy: ['I18'], rules: cloud({ asksDelay: false }) },
  { name: 'trusted wall clock taken for exact', caughtBy: ['I18'], rules: cloud({ slackOfWallMs: 0 }) },
  { name: 'what hubs heard of the time not used', caughtBy: ['I18'], rules: cloud({ usesAnchors: false }) },
  { name: 'every wall clock trusted', caughtBy: ['I18'], rules: hub({ clockQuality: () => 2 }) },
];
