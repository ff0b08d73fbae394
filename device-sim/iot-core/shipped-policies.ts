import { ROTATION_TEMPLATE_NAME } from '../../contract/index.js';
import { arn } from './arn.js';
import type { PolicyDocument } from './policy.js';

const THING = '${' + 'iot:Connection.Thing.ThingName}';
const CREATE = '$aws/certificates/create-from-csr/json';
/** The services of AWS that a hub talks with. The policy's text is limited to 2048 characters, so that both ways share a line. */
const SERVICES = [`$aws/things/${THING}/jobs`, `$aws/things/${THING}/shadow`];
const ROTATION = [CREATE, `$aws/provisioning-templates/${ROTATION_TEMPLATE_NAME}/provision/json`];

/** The name of the policy that a template attaches to the certificates of hubs. */
export const DEVICE_POLICY = 'inklet-device';
export const BACKEND_POLICY = 'inklet-backend';

/** The name of the policy of claim certificates for one template. */
export function claimPolicyName(templateName: string): string {
  return `${templateName}-claim`;
}

/** What a claim certificate may do: ask for a certificate and register with one template, as `inklet-fp-*`. */
export function claimPolicy(templateName: string): PolicyDocument {
  const provision = `$aws/provisioning-templates/${templateName}/provision/json`;
  return {
    Version: '2012-10-17',
    Statement: [
      { Effect: 'Allow', Action: 'iot:Connect', Resource: arn('client', 'inklet-fp-*') },
      {
        Effect: 'Allow',
        Action: ['iot:Publish', 'iot:Receive'],
        Resource: [arn('topic', `${CREATE}*`), arn('topic', `${provision}*`)],
      },
      {
        Effect: 'Allow',
        Action: 'iot:Subscribe',
        Resource: [CREATE, provision].flatMap((topic) => [
          arn('topicfilter', `${topic}/accepted`),
          arn('topicfilter', `${topic}/rejected`),
        ]),
      },
    ],
  };
}

/**
 * What every hub may do: speak and hear on topics that carry its own thing name, with that name as client id, and ask
 * for its next certificate.
 */
export const DEVICE_POLICY_DOCUMENT: PolicyDocument = {
  Version: '2012-10-17',
  Statement: [
    {
      Effect: 'Allow',
      Action: 'iot:Connect',
      Resource: arn('client', THING),
      Condition: { Bool: { 'iot:Connection.Thing.IsAttached': 'true' } },
    },
    {
      Effect: 'Allow',
      Action: 'iot:Publish',
      Resource: [arn('topic', `inklet/dev/${THING}/up/*`), arn('topic', `$aws/things/${THING}/defender/metrics/json`)],
    },
    { Effect: 'Allow', Action: 'iot:RetainPublish', Resource: arn('topic', `inklet/dev/${THING}/up/state`) },
    { Effect: 'Allow', Action: 'iot:Receive', Resource: arn('topic', `inklet/dev/${THING}/down/*`) },
    {
      Effect: 'Allow',
      Action: ['iot:Publish', 'iot:Receive'],
      Resource: [
        ...SERVICES.map((topic) => arn('topic', `${topic}/*`)),
        ...ROTATION.map((topic) => arn('topic', `${topic}*`)),
      ],
    },
    {
      Effect: 'Allow',
      Action: 'iot:Subscribe',
      Resource: [`inklet/dev/${THING}/down`, ...SERVICES, ...ROTATION].map((topic) => arn('topicfilter', `${topic}/*`)),
    },
  ],
};

/** What the cloud's own client may do: hear every hub, alone or in a shared group, and send commands. */
export const BACKEND_POLICY_DOCUMENT: PolicyDocument = {
  Version: '2012-10-17',
  Statement: [
    { Effect: 'Allow', Action: 'iot:Connect', Resource: arn('client', 'inklet-backend*') },
    { Effect: 'Allow', Action: 'iot:Publish', Resource: arn('topic', 'inklet/dev/*/down/cmd') },
    {
      Effect: 'Allow',
      Action: 'iot:Subscribe',
      Resource: [arn('topicfilter', 'inklet/dev/+/up/#'), arn('topicfilter', '$share/*/inklet/dev/+/up/#')],
    },
    { Effect: 'Allow', Action: 'iot:Receive', Resource: arn('topic', 'inklet/dev/*/up/*') },
  ],
};
