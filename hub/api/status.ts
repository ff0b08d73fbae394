import { z } from 'zod';
import { TimestampSchema } from '../../contract/index.js';
import { type Boot, timestamp } from '../boot.js';
import type { CloudSide } from '../cloud-side.js';
import type { IdentitySource } from '../identity-source.js';
import type { Household } from '../storage/binding.js';

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
    message: z.string().nullable(),
  }),
  household: z.object({ householdId: z.string(), householdName: z.string() }).nullable(),
  link: z.object({ connected: z.boolean(), connectedSince: TimestampSchema.nullable(), reconnects: z.number() }),
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
  household: Household | undefined;
  /** undefined: the hub is meant to work on its own. */
  identity: Pick<IdentitySource, 'hwId' | 'problem'> | undefined;
  /** Why the cloud does not take this hub. */
  refusal: { code: string; message: string } | undefined;
  cloud: Pick<CloudSide, 'thingName' | 'link' | 'syncStatus'> | undefined;
};

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
    household: from.household ?? null,
    link: {
      connected: link?.connected ?? false,
      connectedSince: toTime(link?.connectedSinceMs),
      reconnects: link?.reconnects ?? 0,
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
  if (cloud !== undefined) return { state: 'ready', code: null, message: null };
  if (refusal !== undefined) return { state: 'refused', ...refusal };
  if (identity === undefined) return { state: 'local-only', code: null, message: null };
  return { state: 'trying', code: identity.problem?.code ?? null, message: identity.problem?.message ?? null };
}
