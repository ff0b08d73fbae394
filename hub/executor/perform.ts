import type { Command } from '../../contract/index.js';
import type { RotationOrder, RotationOutcome } from '../../provisioning/index.js';
import type { Moment } from '../boot.js';
import type { Outcome } from '../display/job.js';
import type { WiredDisplay } from '../display/wired-display.js';
import { HubError } from '../errors.js';
import type { Binding } from '../storage/binding.js';
import type { Displays } from '../storage/displays.js';
import type { HouseholdLeaving } from '../storage/household-leaving.js';
import type { Meta } from '../storage/meta.js';
import type { Presentations } from '../storage/presentations.js';
import { unlessAborted } from '../unless-aborted.js';
import type { Effect, Perform } from './executor.js';

/** What a command may reach. */
export type PerformDeps = {
  display: (displayId: string) => Pick<WiredDisplay, 'show' | 'showScreen' | 'redraw'> | undefined;
  /** The display for what concerns the hub as a whole. */
  mainDisplay: () => Pick<WiredDisplay, 'showScreen' | 'blank' | 'forget'>;
  displays: Pick<Displays, 'get' | 'rename'>;
  presentations: Pick<Presentations, 'get'>;
  binding: Pick<Binding, 'bind' | 'setClaim' | 'household'>;
  leaving: Pick<HouseholdLeaving, 'forget' | 'sweep'>;
  meta: Pick<Meta, 'set'>;
  /** What the identify screen calls the hub. */
  hubName: () => string;
  reboot: () => Promise<void>;
  configChanged: () => void;
  /** Gives the hub its next key and certificate; the same order again is not carried out twice. */
  rotate: (order: RotationOrder) => Promise<RotationOutcome>;
  /** Wall clock in milliseconds, and how far it can be trusted. */
  now: () => Pick<Moment, 'wallMs' | 'wq'>;
};

const APPLIED: Exclude<Effect, { settled: true }> = {
  settled: false,
  result: { state: 'applied', code: null, message: null },
};

/** What each kind of command does. */
export function commandEffects(deps: PerformDeps): Perform {
  return async (command, signal) => {
    switch (command.kind) {
      case 'text':
      case 'image':
        return showPresentation(deps, command.body, signal);
      case 'claim_code':
        return showClaimCode(deps, command, signal);
      case 'bound':
        return showBound(deps, command, signal);
      case 'unbound':
        return leaveHousehold(deps, command, signal);
      case 'identify':
        return identify(deps, command.body, signal);
      case 'refresh':
        return effectOf(await displayOf(deps, command.body.displayId).redraw());
      case 'config':
        return configure(deps, command.body);
      case 'reboot':
        await deps.reboot();
        return APPLIED;
      case 'rotate':
        return rotateKey(deps, command, signal);
      case 'update':
        throw new HubError('command.unsupported-kind', `this hub cannot do ${command.kind} yet`);
    }
  };
}

type Of<K extends Command['kind']> = Extract<Command, { kind: K }>;
type Body<K extends Command['kind']> = Of<K>['body'];

async function showPresentation(deps: PerformDeps, body: Body<'text'>, signal: AbortSignal): Promise<Effect> {
  const presentation = deps.presentations.get(body.presentationId);
  if (presentation === undefined) {
    throw new HubError('presentation.unknown', `presentation ${body.presentationId} was not accepted`);
  }
  await displayOf(deps, body.displayId).show(presentation, signal);
  // Its end and the command's are one commit of the display's.
  return { settled: true };
}

async function showClaimCode(
  deps: PerformDeps,
  { issuedAt, body }: Of<'claim_code'>,
  signal: AbortSignal,
): Promise<Effect> {
  const { requestId, code, url, word, expiresAt } = body;
  if (deps.binding.household() !== undefined) {
    throw new HubError('command.superseded', 'the hub is bound: no claim code is wanted');
  }
  const { wallMs, wq } = deps.now();
  // A clock that nobody set says nothing about the cloud's times; how long a code lives is known all the same.
  const expiresMs = wq === 2 ? Date.parse(expiresAt) : wallMs + Date.parse(expiresAt) - Date.parse(issuedAt);
  if (expiresMs <= wallMs) throw new HubError('command.deadline-passed', `the claim code expired at ${expiresAt}`);
  const wanted = () => deps.now().wallMs < expiresMs;
  const outcome = await deps.mainDisplay().showScreen({ kind: 'claim-code', code, url, word }, { wanted, signal });
  return effectOf(outcome, () => deps.binding.setClaim({ requestId, expiresMs }));
}

async function showBound(deps: PerformDeps, { gen, downSeq, body }: Of<'bound'>, signal: AbortSignal): Promise<Effect> {
  const { householdId, householdName } = body;
  const before = deps.binding.household();
  // The word that the hub had left its last household may have been overtaken by this one.
  const isMoving = before !== undefined && before.householdId !== householdId;
  if (isMoving) dropForgotten(deps, deps.leaving.forget({ gen, downSeq }));
  // The glass is a courtesy: it may be broken, or rest for minutes, and the hub is bound all the same.
  deps.binding.bind({ householdId, householdName });
  await deps.mainDisplay().showScreen({ kind: 'bound', householdName }, { signal });
  return isMoving ? { ...APPLIED, after: () => deps.leaving.sweep() } : APPLIED;
}

function leaveHousehold(deps: PerformDeps, { gen, downSeq }: Of<'unbound'>, signal: AbortSignal): Effect {
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

function dropForgotten({ mainDisplay }: PerformDeps, forgotten: ReadonlySet<string>): void {
  mainDisplay().forget((presentationId) => forgotten.has(presentationId));
}

async function identify(
  deps: PerformDeps,
  { displayId, showForS }: Body<'identify'>,
  signal: AbortSignal,
): Promise<Effect> {
  const display = displayOf(deps, displayId);
  const row = deps.displays.get(displayId);
  const panel = row?.panel ?? '';
  const screen = { displayName: row?.name ?? displayId, hubName: deps.hubName(), panel };
  return effectOf(await display.showScreen({ kind: 'identify', ...screen }, { showForS, signal }));
}

function configure(deps: PerformDeps, body: Body<'config'>): Effect {
  const names = Object.entries(body.displayNames ?? {});
  for (const [displayId] of names) displayOf(deps, displayId);
  return applied(() => {
    for (const [displayId, name] of names) deps.displays.rename(displayId, name);
    if (body.heartbeatIntervalS !== undefined) deps.meta.set('heartbeat_interval_s', String(body.heartbeatIntervalS));
    if (body.syncIntervalS !== undefined) deps.meta.set('sync_interval_s', String(body.syncIntervalS));
    deps.configChanged();
  });
}

async function rotateKey(deps: PerformDeps, { cmdId, body }: Of<'rotate'>, signal: AbortSignal): Promise<Effect> {
  const order = { reason: body.reason, orderId: `command:${cmdId}` };
  // A newer command of the slot gets the outcome of the rotation that is under way.
  const outcome = await unlessAborted(deps.rotate(order), signal);
  if (outcome.ok) return APPLIED;
  const { step, code, message } = outcome.failure;
  return { settled: false, result: { state: 'failed', code, message: `${step}: ${message}` } };
}

function displayOf(deps: PerformDeps, displayId: string) {
  const display = deps.display(displayId);
  if (display === undefined) throw new HubError('display.unknown', `this hub has no display ${displayId}`);
  return display;
}

function applied(also: () => void): Exclude<Effect, { settled: true }> {
  return { settled: false, result: { state: 'applied', code: null, message: null }, also };
}

function effectOf(outcome: Outcome, also?: () => void): Effect {
  switch (outcome.state) {
    case 'shown':
      return also === undefined ? APPLIED : applied(also);
    case 'superseded': {
      const message = `replaced by ${outcome.by ?? 'something newer'}`;
      return { settled: false, result: { state: 'superseded', code: 'display.superseded', message } };
    }
    case 'failed':
      return { settled: false, result: { state: 'failed', code: outcome.code, message: outcome.message } };
    case 'stopped':
      // Left as it is: the next start decides.
      return { settled: true };
  }
}
