/** The longest payload that AWS IoT Core carries, in bytes. Source: AWS IoT Core quotas. */
export const MAX_PAYLOAD_BYTES = 128 * 1024;

/** The cloud's own MQTT client id; further instances append `-` and a number. */
export const BACKEND_CLIENT_ID = 'inklet-backend';

const PREFIX = 'inklet/dev';
const UP_TOPIC = /^inklet\/dev\/([a-zA-Z0-9:_-]{1,128})\/up\/(heartbeat|state|request_claim)$/;

/** The kinds of message that a hub sends over MQTT. */
export type UpKind = 'heartbeat' | 'state' | 'request_claim';

/** The topics of one thing. */
export function deviceTopics(thingName: string): {
  heartbeat: string;
  state: string;
  requestClaim: string;
  command: string;
} {
  return {
    heartbeat: `${PREFIX}/${thingName}/up/heartbeat`,
    state: `${PREFIX}/${thingName}/up/state`,
    requestClaim: `${PREFIX}/${thingName}/up/request_claim`,
    command: `${PREFIX}/${thingName}/down/cmd`,
  };
}

/** The filter with which the cloud hears every hub; a group name makes it an MQTT shared subscription. */
export function backendFilter(group?: string): string {
  const filter = `${PREFIX}/+/up/#`;
  return group === undefined ? filter : `$share/${group}/${filter}`;
}

/** Takes an up topic apart; undefined if it is not one of ours. */
export function parseUpTopic(topic: string): { thingName: string; kind: UpKind } | undefined {
  const match = UP_TOPIC.exec(topic);
  const [, thingName, kind] = match ?? [];
  if (thingName === undefined) return undefined;
  if (kind !== 'heartbeat' && kind !== 'state' && kind !== 'request_claim') return undefined;
  return { thingName, kind };
}
