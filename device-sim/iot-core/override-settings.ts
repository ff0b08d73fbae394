import { z } from 'zod';
import type { ThingRecord } from './thing-record.js';

const OverrideSchema = z.enum(['DO_NOTHING', 'REPLACE', 'FAIL']);
const MergingOverrideSchema = z.enum(['DO_NOTHING', 'REPLACE', 'FAIL', 'MERGE']);

/** What becomes of a thing that exists when it is registered again. Source: AWS IoT developer guide, "Provisioning templates". */
export const OverrideSettingsSchema = z.strictObject({
  AttributePayload: MergingOverrideSchema.default('DO_NOTHING'),
  ThingTypeName: OverrideSchema.default('DO_NOTHING'),
  ThingGroups: MergingOverrideSchema.default('DO_NOTHING'),
  BillingGroup: OverrideSchema.default('DO_NOTHING'),
});

type OverrideSettings = z.output<typeof OverrideSettingsSchema>;
type Override = z.infer<typeof MergingOverrideSchema>;

/** What a template says of a thing. */
export type FilledThing = Omit<ThingRecord, 'createdMs'>;

/** Whether a thing that exists may not be registered again. */
export function failsOnExisting(settings: OverrideSettings): boolean {
  return Object.values(settings).includes('FAIL');
}

/** The thing as it is after it was registered again. */
export function overrideThing(existing: ThingRecord, filled: FilledThing, settings: OverrideSettings): ThingRecord {
  const { AttributePayload, BillingGroup, ThingGroups, ThingTypeName } = settings;
  return {
    thingName: existing.thingName,
    createdMs: existing.createdMs,
    attributes: chosen(AttributePayload, existing.attributes, filled.attributes, (old, fresh) => ({
      ...old,
      ...fresh,
    })),
    thingTypeName: chosen(ThingTypeName, existing.thingTypeName, filled.thingTypeName),
    thingGroups: chosen(ThingGroups, existing.thingGroups, filled.thingGroups, (old, fresh) => [
      ...new Set([...(old ?? []), ...(fresh ?? [])]),
    ]),
    billingGroup: chosen(BillingGroup, existing.billingGroup, filled.billingGroup),
  };
}

function chosen<T>(how: Override, old: T, fresh: T, merge: (old: T, fresh: T) => T = (_, last) => last): T {
  if (how === 'MERGE') return merge(old, fresh);
  return how === 'REPLACE' ? fresh : old;
}
