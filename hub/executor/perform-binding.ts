import type { Command } from '../../contract/index.js';
import type { Moment } from '../boot.js';
import type { WiredDisplay } from '../display/wired-display.js';
import { HubError } from '../errors.js';
import type { Binding } from '../storage/binding.js';
import type { HouseholdLeaving } from '../storage/household-leaving.js';
import { APPLIED, applied, effectOf } from './effects.js';
import type { Effect } from './executor.js';

/** What commands may reach that tell whose hub this is. */
export type PerformBindingDeps = {
  /** The display for what concerns the hub as a whole. */
  mainDisplay: () => Pick<WiredDisplay, 'showScreen' | 'giveBack' | 'blank' | 'forget' | 'isTaken'>;
  binding: Pick<Binding, 'bind' | 'setClaim' | 'household'>;
  leaving: Pick<HouseholdLeaving, 'forget' | 'sweep'>;
  /** Whether the cloud is away and the hub has made a code itself: what the cloud said of claims before is older. */
  hasOwnCode: () => boolean;
  /** Wall clock in milliseconds, and how far it can be trusted. */
  now: () => Pick<Moment, 'wallMs' | 'wq'>;
};

/** What ends a command that waits for the glass: something newer, or its own deadline. */
export type Within = { signal: AbortSignal; isOverdue: () => boolean };

type Of<K extends Command['kind']> = Extract<Command, { kind: K }>;

/** How long a household that keeps its content is told that its account has the hub now. */
const ADOPTED_FOR_S = 30;
const LONGEST_SCREEN_S = 3600;

export async function showClaimCode(
  deps: PerformBindingDeps,
  { issuedAt, body }: Of<'claim_code'>,
  within: Within,
): Promise<Effect> {
  const { requestId, code, url, word, expiresAt, transfer } = body;
  // A code to hand the hub on is good as long as the hub belongs to whoever offers it.
  if (deps.binding.household()?.householdId !== transfer?.fromHouseholdId || deps.hasOwnCode()) throw notWanted();
  const expiresMs = expiryOf(deps, { issuedAt, expiresAt });
  const screen = { kind: 'claim-code', code, url, word } as const;
  const outcome = await deps
    .mainDisplay()
    .showScreen(screen, screenUntil(deps, expiresMs, transfer !== undefined, within));
  return effectOf(outcome, () => {
    if (transfer === undefined) deps.binding.setClaim({ requestId, expiresMs });
  });
}

/** Somebody has typed the code: the glass says who, and what to compare. The code is of no more use to anybody else. */
export async function showWhoAsks(
  deps: PerformBindingDeps,
  { issuedAt, body }: Of<'claim_asked'>,
  within: Within,
): Promise<Effect> {
  const { claimId, householdName, word, expiresAt, transfer = false } = body;
  if ((deps.binding.household() !== undefined) !== transfer || deps.hasOwnCode()) throw notWanted();
  const expiresMs = expiryOf(deps, { issuedAt, expiresAt });
  const screen = { kind: 'claim-asked', householdName, word } as const;
  const outcome = await deps.mainDisplay().showScreen(screen, screenUntil(deps, expiresMs, transfer, within));
  return effectOf(outcome, () => {
    if (!transfer) deps.binding.setClaim({ requestId: claimId, expiresMs });
  });
}

/** The hub stays whose it is. One that is nobody's goes on showing its code until it has another. */
export function giveGlassBack({ binding, mainDisplay }: PerformBindingDeps): Effect {
  if (binding.household() === undefined) return APPLIED;
  return { ...APPLIED, after: async () => mainDisplay().giveBack() };
}

export async function showBound(
  deps: PerformBindingDeps,
  { gen, downSeq, body }: Of<'bound'>,
  signal: AbortSignal,
): Promise<Effect> {
  const { householdId, householdName, adopts, again = false } = body;
  const before = deps.binding.household();
  const isAdopted = before !== undefined && before.householdId === adopts;
  // The word that the hub had left its last household may have been overtaken by this one.
  const isMoving = before !== undefined && before.householdId !== householdId && !isAdopted;
  if (isMoving) dropForgotten(deps, deps.leaving.forget({ gen, downSeq }));
  // The glass is a courtesy: it may be broken, or rest for minutes, and the hub is bound all the same.
  deps.binding.bind({ householdId, householdName });
  if (again && before?.householdId === householdId) return APPLIED;
  const screen = { kind: 'bound', householdName } as const;
  // It waits for who asked before it, and what the household has sent meanwhile is not covered by it.
  const wanted = () => !deps.mainDisplay().isTaken;
  await deps.mainDisplay().showScreen(screen, isAdopted ? { showForS: ADOPTED_FOR_S, signal } : { wanted, signal });
  return isMoving ? { ...APPLIED, after: () => deps.leaving.sweep() } : APPLIED;
}

export function leaveHousehold(
  deps: PerformBindingDeps,
  { gen, downSeq, body }: Of<'unbound'>,
  signal: AbortSignal,
): Effect {
  if (body.householdId !== undefined && body.householdId !== deps.binding.household()?.householdId) throw notWanted();
  let forgotten: ReadonlySet<string> = new Set();
  const effect = applied(() => {
    deps.binding.bind(undefined);
    forgotten = deps.leaving.forget({ gen, downSeq });
  });
  const after = async () => {
    dropForgotten(deps, forgotten);
    await deps.mainDisplay().blank(signal);
    await deps.leaving.sweep();
  };
  return { ...effect, after };
}

function dropForgotten({ mainDisplay }: PerformBindingDeps, forgotten: ReadonlySet<string>): void {
  mainDisplay().forget((presentationId) => forgotten.has(presentationId));
}

function notWanted(): HubError {
  return new HubError('command.superseded', 'whose the hub is has changed: this was for another');
}

/** A clock that nobody set says nothing about the cloud's times; how long a claim lives is known all the same. */
function expiryOf(deps: PerformBindingDeps, { issuedAt, expiresAt }: { issuedAt: string; expiresAt: string }): number {
  const { wallMs, wq } = deps.now();
  const expiresMs = wq === 2 ? Date.parse(expiresAt) : wallMs + Date.parse(expiresAt) - Date.parse(issuedAt);
  if (expiresMs <= wallMs) throw new HubError('command.deadline-passed', `the claim expired at ${expiresAt}`);
  return expiresMs;
}

/** What a household shows comes back when a claim is over; who has no household has nothing that could. */
function screenUntil(deps: PerformBindingDeps, expiresMs: number, comesBack: boolean, within: Within) {
  const leftS = Math.ceil((expiresMs - deps.now().wallMs) / 1000);
  const wanted = () => deps.now().wallMs < expiresMs && !deps.hasOwnCode();
  return { ...within, wanted, ...(comesBack && { showForS: Math.min(leftS, LONGEST_SCREEN_S) }) };
}
