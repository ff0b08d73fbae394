/** MQTT 5 reason codes that AWS IoT Core uses. Source: AWS IoT developer guide, "MQTT 5 reason codes". */
export const REASON = {
  success: 0x00,
  disconnectWithWill: 0x04,
  noSubscriptionExisted: 0x11,
  unspecified: 0x80,
  malformed: 0x81,
  protocolError: 0x82,
  clientIdInvalid: 0x85,
  notAuthorized: 0x87,
  serverShuttingDown: 0x8b,
  keepAliveTimeout: 0x8d,
  takenOver: 0x8e,
  filterInvalid: 0x8f,
  topicInvalid: 0x90,
  receiveMaximumExceeded: 0x93,
  topicAliasInvalid: 0x94,
  quotaExceeded: 0x97,
  qosNotSupported: 0x9b,
  subscriptionIdsNotSupported: 0xa1,
} as const;

/** The MQTT 3.1.1 return code of a refused CONNECT (section 3.2.2.3); undefined: close without a word. */
export function returnCodeFor(reasonCode: number): number | undefined {
  if (reasonCode === REASON.clientIdInvalid) return 2;
  if (reasonCode === REASON.notAuthorized) return 5;
  return undefined;
}
