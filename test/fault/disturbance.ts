import type { FaultInput } from '../../device-sim/iot-core/faults/fault.js';
import type { Operation } from '../../device-sim/iot-core/operation.js';

/** By which credential a hub speaks to AWS IoT: the batch's, or its own. */
export type Speaker = 'claimant' | 'thing';

const ON_THE_WAY = ['KEY_MADE', 'CERT_ISSUED', 'REGISTERED', 'VERIFIED', 'ACTIVE'] as const;
/** ACTIVE once more ends a rotation. */
const IN_ROTATION = ['NEXT_KEY_MADE', 'NEXT_CERT_ISSUED', 'NEXT_REGISTERED', 'NEXT_VERIFIED', 'ACTIVE'] as const;

/** A hub that got so far goes on without its tag. */
const TAG_MATTERS_NO_MORE = ['REGISTERED', 'VERIFIED', 'ACTIVE'] as const;
/** After so many a hub takes the hook at its word. */
const REFUSALS_THAT_COUNT = 3;

/** A step that a hub writes down before it goes on; that of a rotation while one is under way. */
export type Phase = (typeof ON_THE_WAY)[number] | (typeof IN_ROTATION)[number];

/** The one thing that goes wrong in a round. */
export type Disturbance =
  | { readonly kind: 'none' }
  /** After this part of the time that an undisturbed run takes. */
  | { readonly kind: 'kill-at'; readonly part: number }
  | { readonly kind: 'kill-after-state'; readonly phase: Phase }
  /** From then on, for a while, the hub reaches AWS IoT and not the cloud. */
  | { readonly kind: 'cloud-away'; readonly phase: Phase }
  /** The hub starts again, and another tag lies on its reader for a while, or none for good. */
  | { readonly kind: 'tag-gone'; readonly phase: Phase; readonly instead: 'nothing' | 'another' }
  /** The next pair is not let in until the hub gives it up; afterwards it would be. */
  | { readonly kind: 'next-pair-refused' }
  /** The cloud does not take the next pair for good. */
  | { readonly kind: 'commit-refused' }
  | { readonly kind: 'kill-at-request'; readonly operation: Operation; readonly speaker: Speaker }
  | { readonly kind: 'fault'; readonly faults: readonly FaultInput[]; readonly speaker: Speaker };

const OF_REQUESTS = [
  'answer-lost',
  'answer-twice',
  'answer-out-of-order',
  'puback-lost',
  'half-open',
  'throttled',
] as const;
const OF_REGISTER = ['token-expired', 'hook-slow', 'hook-failing', 'hook-refusing'] as const;
const OF_CONNECT = ['half-open', 'certificate-revoked', 'throttled'] as const;
const OF_CLAIM = ['CreateCertificateFromCsr', 'RegisterThing'] as const;
/** Later than the hub waits for an answer, and later than it makes sense to wait for the hub. */
const LATE_MS = [300, 6_000] as const;

/** Every state write, every request, and every fault of the script at every operation that it can strike. */
export function scriptedDisturbances(): Disturbance[] {
  return [
    ...ON_THE_WAY.map((phase) => ({ kind: 'kill-after-state', phase }) as const),
    ...OF_CLAIM.map((operation) => ({ kind: 'kill-at-request', operation, speaker: 'claimant' }) as const),
    { kind: 'kill-at-request', operation: 'Connect', speaker: 'claimant' },
    { kind: 'kill-at-request', operation: 'Connect', speaker: 'thing' },
    ...faultsOfRequests('claimant'),
    ...OF_CLAIM.map((operation) => struck('claimant', { kind: 'certificate-revoked', operation })),
    ...faultsOfConnect('claimant'),
    ...faultsOfConnect('thing'),
    ...TAG_MATTERS_NO_MORE.flatMap((phase) => [
      { kind: 'tag-gone', phase, instead: 'nothing' } as const,
      { kind: 'tag-gone', phase, instead: 'another' } as const,
    ]),
  ];
}

/**
 * The same for a hub that changes its key. Its certificate is not revoked while it is the only one: nothing could save such
 * a hub but a ticket. That of the new one is.
 */
export function rotationDisturbances(): Disturbance[] {
  return [
    ...IN_ROTATION.map((phase) => ({ kind: 'kill-after-state', phase }) as const),
    ...OF_CLAIM.map((operation) => ({ kind: 'kill-at-request', operation, speaker: 'thing' }) as const),
    { kind: 'kill-at-request', operation: 'Connect', speaker: 'thing' },
    ...faultsOfRequests('thing'),
    ...faultsOfConnect('thing'),
    ...goingBack(),
    { kind: 'cloud-away', phase: 'NEXT_CERT_ISSUED' },
    { kind: 'cloud-away', phase: 'NEXT_REGISTERED' },
    { kind: 'cloud-away', phase: 'NEXT_VERIFIED' },
  ];
}

/** What leads a hub back to its pair, although nobody has revoked the next one. */
function goingBack(): Disturbance[] {
  const refusing = { kind: 'hook-refusing', operation: 'RegisterThing', times: REFUSALS_THAT_COUNT } as const;
  return [struck('thing', refusing), { kind: 'next-pair-refused' }, { kind: 'commit-refused' }];
}

/** Whether the hub that meets it may, or must, stay with the pair that it had. */
export function leadsBack(disturbance: Disturbance): 'no' | 'may' | 'must' {
  if (disturbance.kind === 'next-pair-refused' || disturbance.kind === 'commit-refused') return 'must';
  if (disturbance.kind !== 'fault') return 'no';
  const { faults } = disturbance;
  if (faults.some(({ times = 1 }) => times >= REFUSALS_THAT_COUNT)) return 'must';
  return faults.some(({ kind }) => kind === 'certificate-revoked') ? 'may' : 'no';
}

/** Whether a hub seen at one step has come to another, which may have been too short to be seen. */
export function hasReached(seen: Phase, wanted: Phase): boolean {
  const ways: readonly (readonly Phase[])[] = [ON_THE_WAY, IN_ROTATION];
  return ways.some((way) => way.includes(wanted) && way.indexOf(seen) >= way.indexOf(wanted));
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
    case 'cloud-away':
      return `no way to the cloud from ${disturbance.phase} on`;
    case 'tag-gone':
      return `${disturbance.instead === 'nothing' ? 'no' : 'another'} tag there after a SIGKILL at ${disturbance.phase}`;
    case 'next-pair-refused':
      return 'next pair not let in until it is given up';
    case 'commit-refused':
      return 'commit refused';
    case 'kill-at-request':
      return `SIGKILL when ${disturbance.operation} of the ${disturbance.speaker} arrives`;
    case 'fault': {
      return `${disturbance.faults.map(describeFault).join(', then ')} of the ${disturbance.speaker}`;
    }
  }
}

function describeFault({ kind, operation, ...more }: FaultInput): string {
  const delay = 'delayMs' in more ? ` by ${more.delayMs} ms` : '';
  const times = more.times === undefined ? '' : ` ${more.times} times`;
  return `${kind}${delay}${times} at ${operation}`;
}

function faultsOfRequests(speaker: Speaker): Disturbance[] {
  return [
    ...OF_CLAIM.flatMap((operation) => faultsOfRequest(speaker, operation)),
    ...OF_REGISTER.map((kind) => struck(speaker, { kind, operation: 'RegisterThing' })),
    // A hub that was registered and was without power for an hour: it comes back with another certificate.
    struck(
      speaker,
      { kind: 'answer-lost', operation: 'RegisterThing' },
      { kind: 'token-expired', operation: 'RegisterThing', skip: 1 },
    ),
  ];
}

function faultsOfRequest(speaker: Speaker, operation: (typeof OF_CLAIM)[number]): Disturbance[] {
  return [
    ...LATE_MS.map((delayMs) => struck(speaker, { kind: 'answer-late', delayMs, operation })),
    ...OF_REQUESTS.map((kind) => struck(speaker, { kind, operation })),
  ];
}

function faultsOfConnect(speaker: Speaker): Disturbance[] {
  return OF_CONNECT.map((kind) => struck(speaker, { kind, operation: 'Connect' }));
}

function struck(speaker: Speaker, ...faults: readonly FaultInput[]): Disturbance {
  return { kind: 'fault', faults, speaker };
}
