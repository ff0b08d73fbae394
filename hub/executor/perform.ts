import type { Command } from '../../contract/index.js';
import type { RotationOrder, RotationOutcome } from '../../provisioning/index.js';
import type { WiredDisplay } from '../display/wired-display.js';
import { HubError } from '../errors.js';
import type { Displays } from '../storage/displays.js';
import type { Meta } from '../storage/meta.js';
import type { Presentations } from '../storage/presentations.js';
import { unlessAborted } from '../unless-aborted.js';
import { APPLIED, applied, effectOf } from './effects.js';
import type { Effect, Perform } from './executor.js';
import {
  giveGlassBack,
  leaveHousehold,
  type PerformBindingDeps,
  showBound,
  showClaimCode,
  showWhoAsks,
  type Within,
} from './perform-binding.js';

/** What a command may reach. */
export type PerformDeps = PerformBindingDeps & {
  display: (displayId: string) => Pick<WiredDisplay, 'show' | 'showScreen' | 'redraw'> | undefined;
  displays: Pick<Displays, 'get' | 'rename'>;
  presentations: Pick<Presentations, 'get'>;
  meta: Pick<Meta, 'set'>;
  /** What the identify screen calls the hub. */
  hubName: () => string;
  reboot: () => Promise<void>;
  configChanged: () => void;
  /** Gives the hub its next key and certificate; the same order again is not carried out twice. */
  rotate: (order: RotationOrder) => Promise<RotationOutcome>;
};

/** What each kind of command does. */
export function commandEffects(deps: PerformDeps): Perform {
  return async (command, signal, isOverdue) => {
    switch (command.kind) {
      case 'text':
      case 'image':
        return showPresentation(deps, command.body, { signal, isOverdue });
      case 'claim_code':
        return showClaimCode(deps, command, { signal, isOverdue });
      case 'claim_asked':
        return showWhoAsks(deps, command, { signal, isOverdue });
      case 'claim_over':
        return giveGlassBack(deps);
      case 'bound':
        return showBound(deps, command, signal);
      case 'unbound':
        return leaveHousehold(deps, command, signal);
      case 'identify':
        return identify(deps, command.body, { signal, isOverdue });
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

async function showPresentation(deps: PerformDeps, body: Body<'text'>, within: Within): Promise<Effect> {
  const presentation = deps.presentations.get(body.presentationId);
  if (presentation === undefined) {
    throw new HubError('presentation.unknown', `presentation ${body.presentationId} was not accepted`);
  }
  await displayOf(deps, body.displayId).show(presentation, within);
  // Its end and the command's are one commit of the display's.
  return { settled: true };
}

async function identify(deps: PerformDeps, { displayId, showForS }: Body<'identify'>, within: Within): Promise<Effect> {
  const display = displayOf(deps, displayId);
  const row = deps.displays.get(displayId);
  const panel = row?.panel ?? '';
  const screen = { displayName: row?.name ?? displayId, hubName: deps.hubName(), panel };
  return effectOf(await display.showScreen({ kind: 'identify', ...screen }, { showForS, ...within }));
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
