import { ProvisioningError, type ProvisioningErrorCode } from '../errors.js';

/** Reason codes of MQTT 5 (section 2.4) that make a difference to us. */
export const REASON = {
  normalDisconnection: 0x00,
  serverUnavailable: 0x88,
  serverBusy: 0x89,
  sessionTakenOver: 0x8e,
  quotaExceeded: 0x97,
  connectionRateExceeded: 0x9f,
} as const;

/** From here on reason codes are failures. */
export const FIRST_FAILURE_CODE = 0x80;

const REFUSED_CONNECTS: Readonly<Record<number, ProvisioningErrorCode>> = {
  128: 'link.unavailable',
  [REASON.serverUnavailable]: 'link.unavailable',
  [REASON.serverBusy]: 'link.throttled',
  [REASON.quotaExceeded]: 'link.throttled',
  [REASON.connectionRateExceeded]: 'link.throttled',
};

/** What a CONNACK says that does not let a client in. */
export function refusedConnect(clientId: string, reasonCode: number, words = ''): ProvisioningError {
  const code = REFUSED_CONNECTS[reasonCode] ?? 'link.refused';
  return new ProvisioningError(code, `CONNACK ${reasonCode} for ${clientId}${words === '' ? '' : `: ${words}`}`);
}
