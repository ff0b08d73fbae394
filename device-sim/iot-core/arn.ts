/** The one region of the stand-in. */
export const REGION = 'eu-central-1';
const ACCOUNT = '000000000000';

type ArnKind = 'client' | 'topic' | 'topicfilter' | 'provisioningtemplate' | 'cert' | 'thing';

/** The ARN of something in the stand-in's one region and account. */
export function arn(kind: ArnKind, name: string): string {
  return `arn:aws:iot:${REGION}:${ACCOUNT}:${kind}/${name}`;
}
