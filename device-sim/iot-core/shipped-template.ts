import { DEVICE_POLICY } from './shipped-policies.js';
import type { TemplateInput } from './template.js';

/** The name of the fleet provisioning template of hubs. */
export const HUB_TEMPLATE_NAME = 'inklet-hub';

const TEXT = { Type: 'String' } as const;

/** `ThingName` comes from the pre-provisioning hook, so that a device cannot choose its name. */
export const HUB_TEMPLATE = {
  Parameters: {
    ThingName: TEXT,
    hwId: TEXT,
    payload: TEXT,
    hwSig: TEXT,
    tagUid: TEXT,
    claimNonce: TEXT,
    'AWS::IoT::Certificate::Id': TEXT,
  },
  Resources: {
    thing: {
      Type: 'AWS::IoT::Thing',
      Properties: { ThingName: { Ref: 'ThingName' }, AttributePayload: { hwId: { Ref: 'hwId' } } },
      OverrideSettings: { AttributePayload: 'MERGE' },
    },
    certificate: {
      Type: 'AWS::IoT::Certificate',
      Properties: { CertificateId: { Ref: 'AWS::IoT::Certificate::Id' }, Status: 'ACTIVE' },
    },
    policy: { Type: 'AWS::IoT::Policy', Properties: { PolicyName: DEVICE_POLICY } },
  },
  DeviceConfiguration: { topicPrefix: { 'Fn::Sub': 'inklet/dev/$' + '{ThingName}' } },
} as const satisfies TemplateInput;

/** By it a connected hub registers its next certificate beside the one that it has; the hook says for which thing. */
export const ROTATION_TEMPLATE: TemplateInput = {
  Parameters: { ThingName: TEXT, hwId: TEXT, 'AWS::IoT::Certificate::Id': TEXT },
  Resources: {
    thing: { Type: 'AWS::IoT::Thing', Properties: { ThingName: { Ref: 'ThingName' } } },
    certificate: HUB_TEMPLATE.Resources.certificate,
    policy: HUB_TEMPLATE.Resources.policy,
  },
  DeviceConfiguration: HUB_TEMPLATE.DeviceConfiguration,
};
