import { forgetRefreshTokens } from './auth/refresh-tokens.js';
import { countLiveCodes } from './binding/claim-state.js';
import { forgetTries } from './binding/guess-limit.js';
import { forgetDeliveries } from './command/delivery-log.js';
import { forgetKeys } from './content/idempotency.js';
import { asSystem, type Tx } from './database/database.js';
import { expirePending } from './device/certificate-life.js';
import { forgetDecisions } from './device/decisions.js';
import { forgetTickets } from './device/reprovision-tickets.js';
import { endRetired } from './device/retired-hubs.js';
import type { Chore } from './housekeeping.js';
import type { Services } from './services.js';
import { dropEventDays, makeEventDays } from './sync/event-days.js';
import { forgetOld, type KeptTable } from './sync/forget-old.js';

const HOUR_MS = 60 * 60 * 1000;
const DAY_MS = 24 * HOUR_MS;
const SWEEP_EVERY_MS = 30_000;
const PENDING_EVERY_MS = 10 * 60_000;
/** In one transaction, so that requests get their turn between two. */
const ROWS_PER_ROUND = 1000;
/** What is not done by then is left to the next hour, so that no kind of rows keeps the others from their turn. */
const ROUNDS_LIMIT_MS = 5 * 60_000;

type ChoreOptions = {
  /** For how long events of hubs are kept. */
  eventRetentionDays: number;
  /** There for the embedded database. */
  dump?: () => Promise<void>;
};

/** The work that comes round again in a running service. */
export function choresOf(services: Services, { eventRetentionDays, dump }: ChoreOptions): Chore[] {
  const chores: Chore[] = [
    { name: 'deadlines', everyMs: SWEEP_EVERY_MS, run: () => endOverdue(services) },
    { name: 'live-codes', everyMs: SWEEP_EVERY_MS, run: liveCodesGauge(services) },
    { name: 'pending-certificates', everyMs: PENDING_EVERY_MS, run: () => endPending(services) },
    { name: 'retired-hubs', everyMs: SWEEP_EVERY_MS, run: () => endRetiredHubs(services) },
    { name: 'parked-messages', everyMs: SWEEP_EVERY_MS, run: () => services.parkedMessages.retry() },
    { name: 'forget', everyMs: HOUR_MS, run: () => forget(services) },
    { name: 'event-days', everyMs: HOUR_MS, run: () => turnEventDays(services, eventRetentionDays) },
    { name: 'tidy', everyMs: HOUR_MS, run: services.publicApi.tidy },
  ];
  if (dump !== undefined) chores.push({ name: 'dump', everyMs: HOUR_MS, run: dump });
  return chores;
}

async function endOverdue({ context, delivery, publicApi }: Services): Promise<void> {
  await asSystem(context.db, async (tx) => {
    for (const { hubId, householdId, ...change } of await delivery.sweep(tx)) {
      await publicApi.presentations.commandsChanged(tx, { hubId, householdId }, [change]);
    }
  });
}

/** How many claim codes are good: with many of them the world's tries of an hour are fewer. */
function liveCodesGauge({ context: { db, clock, metrics } }: Services): () => Promise<void> {
  let live = 0;
  metrics.gauge('inklet_claim_codes_live', () => live);
  return async () => {
    live = await asSystem(db, (tx) => countLiveCodes(tx, clock.now()));
  };
}

async function endPending({ context }: Services): Promise<void> {
  const ended = await asSystem(context.db, (tx) => expirePending(tx, context));
  if (ended.length > 0) context.log.warn({ certificateIds: ended }, 'certificates that no hub committed were revoked');
}

async function endRetiredHubs({ context }: Services): Promise<void> {
  const ended = await asSystem(context.db, (tx) => endRetired(tx, context));
  if (ended.length > 0) context.log.info({ certificateIds: ended }, 'certificates of retired hubs were revoked');
}

async function forget({ context }: Services): Promise<void> {
  const idempotencyKeys = await inRounds(context, forgetKeys);
  const refreshTokens = await inRounds(context, forgetRefreshTokens);
  const claimTries = await inRounds(context, forgetTries);
  const decisions = await inRounds(context, forgetDecisions);
  const tickets = await inRounds(context, forgetTickets);
  const deliveries = await inRounds(context, forgetDeliveries);
  const facts = { idempotencyKeys, refreshTokens, claimTries, decisions, tickets, deliveries };
  context.log.debug(facts, 'expired rows were removed');
}

async function turnEventDays({ context }: Services, retentionDays: number): Promise<void> {
  await makeEventDays(context);
  const dropped = await dropEventDays(context, retentionDays);
  if (dropped.length > 0) context.log.info({ dropped }, 'days of events were dropped');
  const forgetFrom = (table: KeptTable) =>
    inRounds(context, (tx, now, limit) =>
      forgetOld(tx, table, new Date(now.getTime() - retentionDays * DAY_MS), limit),
    );
  const forgotten = {
    gaps: await forgetFrom('gap'),
    dead: await forgetFrom('dead'),
    boots: await forgetFrom('hub_boot'),
  };
  context.log.debug(forgotten, 'what told of old events was removed');
}

async function inRounds(
  { db, clock }: Services['context'],
  forgetSome: (tx: Tx, now: Date, limit: number) => Promise<number>,
): Promise<number> {
  const untilMs = clock.now() + ROUNDS_LIMIT_MS;
  let total = 0;
  for (let gone = ROWS_PER_ROUND; gone === ROWS_PER_ROUND && clock.now() < untilMs; ) {
    gone = await asSystem(db, (tx) => forgetSome(tx, new Date(clock.now()), ROWS_PER_ROUND));
    total += gone;
  }
  return total;
}
