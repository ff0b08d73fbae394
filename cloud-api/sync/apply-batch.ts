import { asc, inArray } from 'drizzle-orm';
import { SYNC_WINDOW, type SyncReply } from '../../contract/index.js';
import type { CloudContext } from '../context.js';
import type { Tx } from '../database/database.js';
import { readGeneration, renewGenerationIn } from '../database/generation.js';
import type { Hubs } from '../device/hubs.js';
import { hub } from '../device/tables.js';
import { clockPairs, keepClockPairs } from './boots.js';
import { applyEffects, type EffectParts } from './effects.js';
import { type EpochPlace, enterEpochs } from './epochs.js';
import { earlierPlaces, type HeldEvent } from './held-events.js';
import { type DownParts, offerDown } from './offer-down.js';
import { planVisit, provesRollback, refusalOf } from './plan-visit.js';
import { readHeld } from './read-held.js';
import { storeRegisters } from './registers.js';
import { isRestoreProved } from './restore-witnesses.js';
import { stream } from './tables.js';
import { type HubRow, type Mark, type SyncJob, streamKey, type Visit } from './visit.js';
import { writeLanes } from './write-lanes.js';

export type BatchContext = Pick<CloudContext, 'db' | 'clock' | 'log' | 'metrics' | 'newId' | 'wakeIotTasks'>;
export type BatchParts = Omit<EffectParts, 'context'> & DownParts & { states: Pick<Hubs, 'takeState'> };

/**
 * Takes in the requests of many hubs, one of each, in one transaction. A hub that is gone, or by `skipsLocked` is held by
 * somebody else just now, has no answer here. Source: sync protocol, section 3 rule 2.
 */
export async function applyBatch(
  tx: Tx,
  { context, parts }: { context: BatchContext; parts: BatchParts },
  { jobs, skipsLocked }: { jobs: readonly SyncJob[]; skipsLocked: boolean },
): Promise<(Visit | undefined)[]> {
  const now = new Date(context.clock.now());
  const rows = await lockHubs(tx, jobs, skipsLocked);
  if (rows.length === 0) return jobs.map(() => undefined);
  const visits = await beginVisits(tx, { jobs, rows, now });
  const gen = await generationFor(tx, context, visits);
  await readHeld(
    tx,
    visits.filter(({ epoch }) => epoch.open),
  );
  const open: Visit[] = [];
  for (const visit of visits) {
    visit.reply.gen = gen;
    visit.reply.epochState = refusalOf(visit) ?? 'open';
    if (visit.reply.epochState === 'open') open.push(visit);
  }
  await takeIn(tx, { context, parts }, { visits: open, now });
  await offerDown(tx, parts, open, gen);
  return jobs.map((job) => visits.find((visit) => visit.job === job));
}

async function takeIn(
  tx: Tx,
  { context, parts }: { context: BatchContext; parts: BatchParts },
  { visits, now }: { visits: readonly Visit[]; now: Date },
): Promise<void> {
  if (visits.length === 0) return;
  for (const visit of visits) visit.lanes = planVisit(visit);
  for (const visit of visits) await applyEffects(tx, { ...parts, context }, visit);
  await writeLanes(tx, visits, { pairs: await clockPairs(tx, visits), now });
  await keepClockPairs(tx, visits);
  await storeRegisters(tx, { ...parts, ...context }, visits, now);
  for (const visit of visits) answerLanes(visit);
}

/** By their ids, as everybody does who holds several hubs: nobody waits in a circle. */
function lockHubs(tx: Tx, jobs: readonly SyncJob[], skipsLocked: boolean): Promise<HubRow[]> {
  return tx
    .select()
    .from(hub)
    .where(
      inArray(
        hub.id,
        jobs.map(({ hubId }) => hubId),
      ),
    )
    .orderBy(asc(hub.id))
    .for('update', skipsLocked ? { skipLocked: true } : {});
}

async function beginVisits(
  tx: Tx,
  { jobs, rows, now }: { jobs: readonly SyncJob[]; rows: readonly HubRow[]; now: Date },
): Promise<Visit[]> {
  const held = jobs.flatMap((job) => {
    const row = rows.find(({ id }) => id === job.hubId);
    return row === undefined ? [] : [{ job, row }];
  });
  const entries = held.map(({ job, row }) => ({ hubId: row.id, epoch: job.input.epoch, left: leftEpochs(job) }));
  const places = await enterEpochs(tx, entries, now);
  const marks = await readMarks(
    tx,
    entries.map(({ hubId }) => hubId),
  );
  return held.map(({ job, row }) => ({
    job,
    row,
    epoch: places.get(row.id) ?? CLOSED,
    marks: marks.get(row.id) ?? new Map<string, Mark>(),
    held: new Map<string, HeldEvent>(),
    heldGaps: [],
    hidesEvents: false,
    lanes: [],
    reply: emptyReply(row, now),
  }));
}

/** The epochs in which what this one holds was before, whether anything came from there or not. */
function leftEpochs(job: SyncJob): string[] {
  const { epoch: own, gaps, left = [] } = job.input;
  const named = [...left, ...gaps.flatMap(({ was }) => was ?? []), ...earlierPlaces({ job })].map(({ epoch }) => epoch);
  return [...new Set(named)].filter((epoch) => epoch !== own);
}

const CLOSED: EpochPlace = { ord: 0, open: false };

async function readMarks(tx: Tx, hubIds: readonly string[]): Promise<Map<string, Map<string, Mark>>> {
  const rows = await tx
    .select()
    .from(stream)
    .where(inArray(stream.hubId, [...hubIds]));
  const marks = new Map<string, Map<string, Mark>>();
  for (const { hubId, epoch, lane, hwm, hwmId, lastBoot, lastLo } of rows) {
    const own = marks.get(hubId) ?? new Map<string, Mark>();
    marks.set(hubId, own.set(streamKey(epoch, lane), { hwm, hwmId, lastBoot, lastLo }));
  }
  return marks;
}

/**
 * The incarnation that this store is of. Hubs that have more from this very one prove that the store came back from a
 * backup of which nobody told it: it is another one from now on. One hub among many proves only what itself lost.
 */
async function generationFor(tx: Tx, context: BatchContext, visits: readonly Visit[]): Promise<string> {
  const gen = await readGeneration(tx);
  const witnesses = visits.filter((visit) => visit.epoch.open && provesRollback(visit, gen)).map(({ row }) => row);
  if (witnesses.length === 0) return gen;
  const thingNames = witnesses.map(({ thingName }) => thingName);
  const hubIds = witnesses.map(({ id }) => id);
  if (!(await isRestoreProved(tx, { hubIds, gen, now: new Date(context.clock.now()) }))) {
    context.log.warn({ thingNames }, 'hubs have more than this store: too few to tell that it came back from a backup');
    return gen;
  }
  const renewed = await renewGenerationIn(tx, context.clock);
  if (renewed !== gen)
    context.log.error({ thingNames }, 'this store came back from a backup: it has a new incarnation');
  return renewed;
}

function answerLanes({ lanes, reply }: Visit): void {
  for (const { lane, before, after, verdicts, isHole } of lanes) {
    if (after.hwm > 0) reply.acks[lane] = after.hwm;
    if (isHole) reply.holes.push({ code: 'E_HOLE', lane, hwm: Math.max(before.hwm, after.hwm) });
    for (const verdict of verdicts) {
      if (verdict.kind === 'dead') reply.rejects.push({ lane, seq: verdict.seq, code: verdict.reason });
    }
  }
}

function emptyReply(row: HubRow, now: Date): SyncReply {
  return {
    v: 1,
    gen: '',
    now: now.toISOString(),
    acks: {},
    regAcks: [],
    rejects: [],
    holes: [],
    down: [],
    downNext: row.downNext,
    finalUpto: 0,
    window: SYNC_WINDOW,
    retryMs: null,
    spreadMs: null,
    epochState: 'open',
  };
}
