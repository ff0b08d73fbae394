import type { Logger } from 'pino';
import { type DisplayState, deviceTopics, type State } from '../../contract/index.js';
import type { Clock } from '../../hardware/index.js';
import { timestamp } from '../boot.js';
import type { CloudLink } from '../cloud-link/cloud-link.js';
import type { Binding } from '../storage/binding.js';
import type { Meta } from '../storage/meta.js';
import { ReportLoop } from './report-loop.js';

/** Who this hub is, for the cloud. */
export type HubFacts = { thingName: string; hwId: string; model: string; version: string };

export type StateReporterDeps = {
  link: Pick<CloudLink, 'publish' | 'state'>;
  facts: HubFacts;
  displayStates: () => DisplayState[];
  binding: Pick<Binding, 'household'>;
  meta: Pick<Meta, 'next'>;
  clock: Pick<Clock, 'now' | 'sleep'>;
  log: Logger;
};

/** Tells the cloud what the displays show, at each change and connection that it is told of. */
export function stateReporter(deps: StateReporterDeps): ReportLoop {
  const { clock, log } = deps;
  return new ReportLoop({ tell: () => tell(deps), clock, log });
}

async function tell(deps: StateReporterDeps): Promise<void> {
  const { link, facts } = deps;
  // A register: without a link nothing is kept, and the next connection tells the latest.
  if (!link.state().connected) return;
  await link.publish(deviceTopics(facts.thingName).state, JSON.stringify(stateOf(deps)));
}

function stateOf({ facts, displayStates, binding, meta, clock }: StateReporterDeps): State {
  const householdId = binding.household()?.householdId ?? null;
  return {
    v: 1,
    at: timestamp(clock.now()),
    rev: meta.next('state_rev'),
    hwId: facts.hwId,
    model: facts.model,
    version: facts.version,
    bound: householdId !== null,
    householdId,
    displays: displayStates(),
  };
}
