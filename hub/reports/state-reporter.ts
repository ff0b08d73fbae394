import type { Logger } from 'pino';
import { type DisplayState, deviceTopics, type State } from '../../contract/index.js';
import type { Clock } from '../../hardware/index.js';
import { timestamp } from '../boot.js';
import type { CloudLink } from '../cloud-link/cloud-link.js';
import type { Binding } from '../storage/binding.js';
import type { Meta } from '../storage/meta.js';
import type { Registers } from '../storage/registers.js';
import { ReportLoop } from './report-loop.js';

/** Who this hub is, for the cloud. */
export type HubFacts = { thingName: string; hwId: string; model: string; version: string };

export type StateReporterDeps = {
  link: Pick<CloudLink, 'publish' | 'state'>;
  facts: HubFacts;
  displayStates: () => DisplayState[];
  binding: Pick<Binding, 'household'>;
  meta: Pick<Meta, 'next'>;
  registers: Pick<Registers, 'set'>;
  clock: Pick<Clock, 'now' | 'sleep'>;
  log: Logger;
};

/** What the card did not take is tried again, also when nothing changes any more. */
const RETRY_MS = 60_000;

/**
 * Tells the cloud what the displays show, at each change and connection that it is told of: by MQTT at once, and as a register
 * in the next exchange, which counts.
 */
export function stateReporter(deps: StateReporterDeps): ReportLoop {
  const { clock, log } = deps;
  let last: State | undefined;
  let isOwed = false;
  const tell = async () => {
    isOwed = true;
    const state = stateOf(deps);
    // A connection alone is no news: the same state under the same revision.
    if (last === undefined || !isSame(last, state)) {
      const next = { ...state, rev: deps.meta.next('state_rev') };
      deps.registers.set('state', next);
      last = next;
    }
    isOwed = false;
    await publish(deps, last);
  };
  return new ReportLoop({ tell, everyMs: () => (isOwed ? RETRY_MS : undefined), clock, log });
}

async function publish({ link, facts }: StateReporterDeps, state: State): Promise<void> {
  // A register: without a link nothing is kept for it, and the next connection tells the latest.
  if (!link.state().connected) return;
  await link.publish(deviceTopics(facts.thingName).state, JSON.stringify(state));
}

function isSame(one: State, other: Omit<State, 'rev'>): boolean {
  return JSON.stringify({ ...one, at: '', rev: 0 }) === JSON.stringify({ ...other, at: '', rev: 0 });
}

function stateOf({ facts, displayStates, binding, clock }: StateReporterDeps): Omit<State, 'rev'> {
  const householdId = binding.household()?.householdId ?? null;
  return {
    v: 1,
    at: timestamp(clock.now()),
    hwId: facts.hwId,
    model: facts.model,
    version: facts.version,
    bound: householdId !== null,
    householdId,
    displays: displayStates(),
  };
}
