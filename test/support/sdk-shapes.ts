import { z } from 'zod';

// What the vendor's client requires of each answer, written down from its description and from nothing of ours:
// a required field that is absent, null or empty makes it throw. Unknown fields are ignored.

const s = z.string().min(1);
const sMaybe = z.string().nullish();
const nMaybe = z.number().nullish();
const i = z.number().int();
const strings = z.array(z.string());
const moment = s.refine((text) => /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/.test(text), 'not RFC 3339 UTC');
const momentMaybe = moment.nullish();

const ProblemShape = z.object({
  code: s,
  message: s,
  retryable: z.boolean(),
  stage: sMaybe,
  assetIndex: i.nullish(),
});

export const DisplayShape = z.object({
  id: s,
  hardwareId: s,
  thingName: s,
  name: s,
  nickname: sMaybe,
  firmware: sMaybe,
  batteryPercent: nMaybe,
  online: z.boolean(),
  lastSeenAt: momentMaybe,
  stateUpdatedAt: momentMaybe,
  boundAt: momentMaybe,
  tags: strings,
  syncIntervalMinutes: nMaybe,
  nextSyncAt: momentMaybe,
  currentPresentationId: sMaybe,
  currentPresentationUpdatedAt: momentMaybe,
  pendingPresentationId: sMaybe,
  capabilities: z.object({
    pixelWidth: i,
    pixelHeight: i,
    orientation: s,
    colorMode: s,
    supportedImageContentTypes: strings,
    supportedOutputFormats: strings,
  }),
});

const RefShape = z.object({ id: s, role: s });

const displayMode = s.refine((mode) => !['auto', 'manual', 'hardcode'].includes(mode), 'a mode of old');

export const QueueItemShape = z.object({
  id: s,
  displayId: s,
  contentIds: z.array(RefShape),
  mode: displayMode,
  state: s,
  createdAt: moment,
  updatedAt: moment,
});

export const ContentShape = z.object({
  id: s,
  title: sMaybe,
  state: s,
  assets: z.array(
    z.object({
      assetIndex: i,
      type: s,
      text: sMaybe,
      url: sMaybe,
      filename: sMaybe,
      contentType: sMaybe,
      sizeBytes: i.nullable(),
      uploadState: s,
    }),
  ),
  failedAssetIndexes: z.array(i).nullish(),
  analysisIds: strings.nullish(),
  presentationIds: strings.nullish(),
  failure: ProblemShape.nullish(),
  createdAt: moment,
  updatedAt: moment,
});

const address = z.url({ protocol: /^https?$/ }).refine((url) => new URL(url).username === '', 'has credentials');

export const TicketedShape = z.object({
  content: ContentShape,
  uploadTickets: z.array(
    z.object({ assetIndex: i, url: address, fields: z.record(z.string(), z.string()), expiresAt: moment }),
  ),
});

const TargetShape = z.union([
  z.strictObject({ displayId: s }),
  z.strictObject({ displayIds: z.array(s) }),
  z.strictObject({
    output: z.object({
      formats: z.array(s).min(1),
      preset: sMaybe,
      viewport: z.object({ width: i.min(1).max(8192), height: i.min(1).max(8192) }),
      colorMode: s,
    }),
  }),
]);

export const AnalysisShape = z.object({
  id: s,
  mode: s,
  trigger: s.optional(),
  state: s,
  outcome: sMaybe,
  noChangeReason: sMaybe,
  contentIds: strings.nullish(),
  context: s,
  scope: z.object({ since: z.string().regex(/^\d+[mhd]$/), sinceAt: momentMaybe }).nullish(),
  intent: sMaybe,
  title: sMaybe,
  target: TargetShape.nullish(),
  presentationIds: strings.nullish(),
  failure: ProblemShape.nullish(),
  createdAt: moment,
  updatedAt: moment,
});

/** What the events that the client knows must carry; it lets unknown ones pass. */
const KNOWN_DATA: Record<string, z.ZodType> = {
  'analysis.completed': z.object({ outcome: s, presentations: i }),
  'analysis.failed': z.object({ code: s }),
  'analysis.lease_expired': z.object({ attempt: i }),
  'context.materialized': z.object({ contents: i, history: i, displays: i, templates: i }),
  'plan.submitted': z.object({ round: i }),
  'plan.rejected': z.object({ problems: i, reason: s, attempt: i }),
  'plan.accepted': z.object({ actions: i, presentationIds: strings.optional() }),
  'render.finished': z.object({ presentationId: s }),
  'render.failed': z.object({ presentationId: s }),
  'delivery.published': z.object({ presentationId: s.optional(), displayId: s.optional() }),
  'delivery.confirmed': z.object({ presentationId: s.optional(), displayId: s.optional() }),
  'delivery.failed': z.object({ presentationId: s.optional(), displayId: s.optional() }),
};

export const EventShape = z
  .object({
    seq: i.min(0),
    at: moment,
    attempt: i.min(0),
    source: s,
    type: s,
    level: s,
    summary: z.string(),
    data: z.record(z.string(), z.unknown()).nullish(),
  })
  .refine(({ type, data }) => KNOWN_DATA[type]?.safeParse(data).success ?? true, 'a known event without its data');

export const EventPageShape = z
  .object({ items: z.array(EventShape), nextAfter: i.min(0).nullish(), hasMore: z.boolean(), state: s })
  .refine(
    ({ items, nextAfter, hasMore }) => !hasMore || items.length > 0 || nextAfter != null,
    'more, but from where?',
  );

const RenditionFields = {
  id: s,
  mediaType: s,
  format: s,
  width: i.positive(),
  height: i.positive(),
  colorMode: s,
  state: s,
  url: sMaybe,
  expiresAt: momentMaybe,
  updatedAt: moment,
  failure: ProblemShape.nullish(),
};

export const RenditionShape = z
  .object(RenditionFields)
  .refine(({ url, expiresAt }) => (url == null) === (expiresAt == null), 'url and expiresAt are null together');

export const PresentationShape = z.object({
  id: s,
  displayId: sMaybe,
  analysisId: sMaybe,
  contentIds: z.array(RefShape),
  mode: displayMode,
  state: s,
  title: sMaybe,
  output: z.unknown().nullish(),
  scene: z.unknown().nullish(),
  renditions: z.array(RenditionShape).optional(),
  image: z.object({ url: s, format: s, width: i, height: i, expiresAt: moment, updatedAt: moment }).nullish(),
  failure: ProblemShape.nullish(),
  createdAt: moment,
  updatedAt: moment,
});

export function pageShape<T extends z.ZodType>(item: T) {
  return z.object({ items: z.array(item), hasMore: z.boolean(), nextCursor: sMaybe, historyWindowStart: sMaybe });
}
