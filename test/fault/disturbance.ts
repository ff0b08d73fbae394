import type { FaultInput } from '../../device-sim/iot-core/faults/fault.js';
import type { Operation } from '../../device-sim/iot-core/operation.js';

/** By which credential a hub speaks to AWS IoT: the batch's, or its own. */
export type Speaker = 'claimant' | 'thing';

/** A step that a hub writes down before it goes on. */
export const PHASES = ['KEY_MADE', 'CERT_ISSUED', 'REGISTERED', 'VERIFIED', 'ACTIVE'] as const;
export type Phase = (typeof PHASES)[number];

/** The one thing that goes wrong in a round. */
export type Disturbance =
  | { readonly kind: 'none' }
  /** After this part of the time that an undisturbed run takes. */
  | { readonly kind: 'kill-at'; readonly part: number }
  | { readonly kind: 'kill-after-state'; readonly phase: Phase }
  | { readonly kind: 'kill-at-request'; readonly operation: Operation; readonly speaker: Speaker }
  | { readonly kind: 'fault'; readonly faults: readonly FaultInput[]; readonly speaker: Speaker };

const OF_CLAIM = ['CreateCertificateFromCsr', 'RegisterThing'] as const;
/** Later than the hub waits for an answer, and later than it makes sense to wait for the hub. */
const LATE_MS = [300, 6_000] as const;

/** Every state write, every request, and every fault of the script at every operation that it can strike. */
export function scriptedDisturbances(): Disturbance[] {
  return [
    ...PHASES.map((phase) => ({ kind: 'kill-after-state', phase }) as const),
    ...OF_CLAIM.map((operation) => ({ kind: 'kill-at-request', operation, speaker: 'claimant' }) as const),
    { kind: 'kill-at-request', operation: 'Connect', speaker: 'claimant' },
    { kind: 'kill-at-request', operation: 'Connect', speaker: 'thing' },
    ...OF_CLAIM.flatMap(faultsOfRequest),
    ...faultsOfConnect('claimant'),
    ...faultsOfConnect('thing'),
    struck({ kind: 'token-expired', operation: 'RegisterThing' }),
    // A hub that was registered and was without power for an hour: it comes back with another certificate.
    {
      kind: 'fault',
      speaker: 'claimant',
      faults: [
        { kind: 'answer-lost', operation: 'RegisterThing' },
        { kind: 'token-expired', operation: 'RegisterThing', skip: 1 },
      ],
    },
    struck({ kind: 'hook-slow', operation: 'RegisterThing' }),
    struck({ kind: 'hook-failing', operation: 'RegisterThing' }),
    struck({ kind: 'hook-refusing', operation: 'RegisterThing' }),
  ];
}

/** In words, for people who read a history. */
export function describeDisturbance(disturbance: Disturbance): string {
  switch (disturbance.kind) {
    case 'none':
      return 'nothing';
    case 'kill-at':
      return `SIGKILL after ${Math.round(disturbance.part * 100)} % of an undisturbed run`;
    case 'kill-after-state':
      return `SIGKILL when ${disturbance.phase} is written`;
    case 'kill-at-request':
      return `SIGKILL when ${disturbance.operation} of the ${disturbance.speaker} arrives`;
    case 'fault': {
      return `${disturbance.faults.map(describeFault).join(', then ')} of the ${disturbance.speaker}`;
    }
  }
}

function describeFault({ kind, operation, ...more }: FaultInput): string {
  const delay = 'delayMs' in more ? ` by ${more.delayMs} ms` : '';
  return `${kind}${delay} at ${operation}`;
}

function faultsOfRequest(operation: (typeof OF_CLAIM)[number]): Disturbance[] {
  return [
    struck({ kind: 'answer-lost', operation }),
    ...LATE_MS.map((delayMs) => struck({ kind: 'answer-late', delayMs, operation })),
    struck({ kind: 'answer-twice', operation }),
    struck({ kind: 'answer-out-of-order', operation }),
    struck({ kind: 'puback-lost', operation }),
    struck({ kind: 'half-open', operation }),
    struck({ kind: 'certificate-revoked', operation }),
    struck({ kind: 'throttled', operation }),
  ];
}

function faultsOfConnect(speaker: Speaker): Disturbance[] {
  return (['half-open', 'certificate-revoked', 'throttled'] as const).map((kind) =>
    struck({ kind, operation: 'Connect' }, speaker),
  );
}

function struck(fault: FaultInput, speaker: Speaker = 'claimant'): Disturbance {
  return { kind: 'fault', faults: [fault], speaker };
}
