import { expect } from 'vitest';
import { failsOnExisting, OverrideSettingsSchema, overrideThing } from './override-settings.js';
import { HUB_TEMPLATE } from './shipped-template.js';
import { ask, claimant, create, PROVISION } from './test-claimant.js';
import { test } from './test-site.js';

const OLD = {
  thingName: 'a',
  createdMs: 7,
  attributes: { hwId: '0', room: 'hall' },
  thingTypeName: 'hub-1',
  thingGroups: ['one'],
  billingGroup: 'x',
};
const FRESH = {
  thingName: 'a',
  attributes: { hwId: '1' },
  thingTypeName: 'hub-2',
  thingGroups: ['one', 'two'],
  billingGroup: 'y',
};
const every = (how: string) =>
  OverrideSettingsSchema.parse({ AttributePayload: how, ThingTypeName: how, ThingGroups: how, BillingGroup: how });

test('a thing that is registered again stays as it is unless the template says otherwise', () => {
  expect(overrideThing(OLD, FRESH, OverrideSettingsSchema.parse({}))).toEqual(OLD);
  expect(overrideThing(OLD, FRESH, every('REPLACE'))).toEqual({ ...FRESH, createdMs: 7 });
  const merging = OverrideSettingsSchema.parse({ AttributePayload: 'MERGE', ThingGroups: 'MERGE' });
  expect(overrideThing(OLD, FRESH, merging)).toEqual({
    ...OLD,
    attributes: { hwId: '1', room: 'hall' },
    thingGroups: ['one', 'two'],
  });
});

test('types and billing groups cannot be merged', () => {
  for (const name of ['ThingTypeName', 'BillingGroup']) {
    expect(OverrideSettingsSchema.safeParse({ [name]: 'MERGE' }).success).toBe(false);
    expect(failsOnExisting(OverrideSettingsSchema.parse({ [name]: 'FAIL' }))).toBe(true);
  }
  expect(failsOnExisting(every('REPLACE'))).toBe(false);
});

test('a second device under the name of a thing is refused where the template says FAIL', async ({ site }) => {
  const text = { Type: 'String' } as const;
  const template = {
    ...HUB_TEMPLATE,
    Parameters: { ...HUB_TEMPLATE.Parameters, Model: text },
    Resources: {
      ...HUB_TEMPLATE.Resources,
      thing: {
        Type: 'AWS::IoT::Thing' as const,
        Properties: { ThingName: { Ref: 'ThingName' }, ThingTypeName: { Ref: 'Model' }, ThingGroups: ['hubs'] },
        OverrideSettings: { ThingTypeName: 'FAIL' as const },
      },
    },
  };
  const core = await site.start({ templates: { 'inklet-hub': template } });
  const client = await claimant(site, core);
  const register = async () => {
    const { certificateOwnershipToken } = await create(client);
    const parameters = { ThingName: 'inklet-a', Model: 'm1' };
    return await ask(client, PROVISION, { certificateOwnershipToken, parameters });
  };
  expect((await register())[0]).toBe('/accepted');
  expect(core.admin.things()).toMatchObject([{ thingTypeName: 'm1', thingGroups: ['hubs'] }]);
  expect(await register()).toMatchObject(['/rejected', { statusCode: 409, errorCode: 'ResourceConflicts' }]);
});
