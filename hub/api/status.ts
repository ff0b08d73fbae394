import { z } from 'zod';
import { RotationReasonSchema, RotationStepSchema, TimestampSchema } from '../../contract/index.js';
import type { RotationFailure } from '../../provisioning/index.js';
import { type Boot, timestamp } from '../boot.js';
import { isCloneSuspected } from '../cloud-link/clone-watch.js';
import type { CloudSide } from '../cloud-side.js';
import type { IdentitySource } from '../identity-source.js';
import type { CertificateView } from '../rotation/rotator.js';
import type { Household } from '../storage/binding.js';
import { adviceFor } from './advice.js';

/** How the hub is, for people and for scripts. */
export const HubStatusSchema = z.object({
  version: z.string(),
  bootId: z.string(),
  uptimeS: z.number(),
  rssBytes: z.number(),
  hwId: z.string().nullable().describe('null until the tag has been read'),
  thingName: z.string().nullable().describe('null until the cloud knows this hub'),
  identity: z.object({
    state: z.enum(['local-only', 'trying', 'refused', 'ready']),
    code: z.string().nullable().describe('why it is not ready'),
    message: z.string().nullable().describe('the facts, for a technician'),
    advice: z.string().nullable().describe('what a person can do'),
    step: z.string().nullable().describe('what it was at'),
    retryAt: TimestampSchema.nullable().describe('when the cloud is asked again'),
  }),
  certificate: z
    .object({
      id: z.string().describe('the first digits of its AWS IoT id'),
      notBefore: TimestampSchema,
      ageDays: z.number(),
      stage: z.string().nullable().describe('how far the hub is with its next one; null: it is not at it'),
      lastRotation: z.object({ at: TimestampSchema, reason: RotationReasonSchema }).nullable(),
      lastFailure: z
        .object({
          at: TimestampSchema,
          reason: RotationReasonSchema,
          step: RotationStepSchema,
          code: z.string(),
          message: z.string().describe('the facts, for a technician'),
        })
        .nullable()
        .describe('of the last rotation that failed; the hub stayed with its certificate'),
    })
    .nullable()
    .describe('null until the hub has one'),
  storage: z.object({
    damagedAt: TimestampSchema.nullable().describe('when the database was found damaged and a new one begun'),
  }),
  household: z.object({ householdId: z.string(), householdName: z.string() }).nullable(),
  link: z.object({
    connected: z.boolean(),
    connectedSince: TimestampSchema.nullable(),
    reconnects: z.number(),
    problem: z
      .object({ code: z.string(), message: z.string(), advice: z.string() })
      .nullable()
      .describe('why it is not connected'),
    cloneSuspected: z.boolean().describe('another device uses the identity of this hub'),
  }),
  sync: z.object({
    queueDepth: z.number().describe('events that the cloud has not acknowledged'),
    lastSuccessAt: TimestampSchema.nullable(),
    failures: z.number(),
    lastError: z.string().nullable(),
  }),
});

export type HubStatus = z.infer<typeof HubStatusSchema>;

/** What the status is put together from. */
export type StatusSources = {
  version: string;
  rssBytes: number;
  boot: Boot;
  queueDepth: number;
  damagedAt: string | undefined;
  household: Household | undefined;
  /** undefined: the hub is meant to work on its own. */
  identity: Pick<IdentitySource, 'hwId' | 'problem'> | undefined;
  /** Why the hub, though it has its identity, cannot work with the cloud. */
  refusal: { code: string; message: string } | undefined;
  cloud: Pick<CloudSide, 'thingName' | 'link' | 'syncStatus'> | undefined;
  certificate: CertificateView | undefined;
};

const SHORT_ID_DIGITS = 12;
const DAY_MS = 24 * 60 * 60 * 1000;

export function hubStatus(from: StatusSources): HubStatus {
  const link = from.cloud?.link();
  const sync = from.cloud?.syncStatus();
  const toTime = (ms: number | undefined) => (ms === undefined ? null : timestamp(ms));
  return {
    version: from.version,
    bootId: from.boot.id,
    uptimeS: from.boot.now().monoMs / 1000,
    rssBytes: from.rssBytes,
    hwId: from.identity?.hwId ?? null,
    thingName: from.cloud?.thingName ?? null,
    identity: identityStatus(from),
    certificate: certificateStatus(from),
    storage: { damagedAt: from.damagedAt ?? null },
    household: from.household ?? null,
    link: {
      connected: link?.connected ?? false,
      connectedSince: toTime(link?.connectedSinceMs),
      reconnects: link?.reconnects ?? 0,
      problem: link?.problem === undefined ? null : { ...link.problem, advice: adviceFor(link.problem.code) },
      cloneSuspected: link !== undefined && isCloneSuspected(link, from.boot.now().wallMs),
    },
    sync: {
      queueDepth: from.queueDepth,
      lastSuccessAt: toTime(sync?.lastSuccessMs),
      failures: sync?.failures ?? 0,
      lastError: sync?.lastError ?? null,
    },
  };
}

function identityStatus({ identity, refusal, cloud }: StatusSources): HubStatus['identity'] {
  const nothing = { code: null, message: null, advice: null, step: null, retryAt: null };
  if (cloud !== undefined) return { ...nothing, state: 'ready' };
  if (refusal !== undefined)
    return { ...nothing, state: 'refused', ...refusal, advice: adviceFor(refusal.code, refusal.message) };
  if (identity === undefined) return { ...nothing, state: 'local-only' };
  const { problem } = identity;
  if (problem === undefined) return { ...nothing, state: 'trying' };
  const { code, message, step, retryAtMs } = problem;
  const state = problem.state === 'refused' ? 'refused' : 'trying';
  const retryAt = retryAtMs === undefined ? null : timestamp(retryAtMs);
  return { state, code, message, advice: adviceFor(code, message), step, retryAt };
}

function certificateStatus({ certificate, boot }: StatusSources): HubStatus['certificate'] {
  if (certificate === undefined) return null;
  const { certificateId, notBeforeMs, stage, lastRotation, lastFailure } = certificate;
  return {
    id: certificateId.slice(0, SHORT_ID_DIGITS),
    notBefore: timestamp(notBeforeMs),
    ageDays: Math.floor((boot.now().wallMs - notBeforeMs) / DAY_MS),
    stage: stage ?? null,
    lastRotation: lastRotation === undefined ? null : { at: timestamp(lastRotation.atMs), reason: lastRotation.reason },
    lastFailure: lastFailure === undefined ? null : failureStatus(lastFailure),
  };
}

function failureStatus({ atMs, reason, step, code, message }: RotationFailure) {
  return { at: timestamp(atMs), reason, step, code, message };
}
