import type { Clock } from '../../hardware/index.js';
import { REASON } from './reason-codes.js';

/** Why a connection ended, in the words of AWS. Source: AWS IoT developer guide, "Lifecycle events". */
export type DisconnectReason =
  | 'CLIENT_ERROR'
  | 'CLIENT_INITIATED_DISCONNECT'
  | 'CONNECTION_LOST'
  | 'DUPLICATE_CLIENTID'
  | 'FORBIDDEN_ACCESS'
  | 'MQTT_KEEP_ALIVE_TIMEOUT'
  | 'SERVER_ERROR'
  | 'SERVER_INITIATED_DISCONNECT';

const REASONS: Readonly<Record<number, DisconnectReason>> = {
  [REASON.takenOver]: 'DUPLICATE_CLIENTID',
  [REASON.keepAliveTimeout]: 'MQTT_KEEP_ALIVE_TIMEOUT',
  [REASON.notAuthorized]: 'FORBIDDEN_ACCESS',
  [REASON.unspecified]: 'SERVER_ERROR',
  [REASON.malformed]: 'CLIENT_ERROR',
  [REASON.protocolError]: 'CLIENT_ERROR',
  [REASON.topicInvalid]: 'CLIENT_ERROR',
  [REASON.topicAliasInvalid]: 'CLIENT_ERROR',
  [REASON.quotaExceeded]: 'CLIENT_ERROR',
  [REASON.qosNotSupported]: 'CLIENT_ERROR',
  [REASON.subscriptionIdsNotSupported]: 'CLIENT_ERROR',
};

/** The word for a connection that the broker ended with a reason code. */
export function disconnectReasonFor(reasonCode: number): DisconnectReason {
  return REASONS[reasonCode] ?? 'SERVER_INITIATED_DISCONNECT';
}

interface PresentClient {
  readonly clientId: string;
  readonly certificateId: string;
  readonly ipAddress: string;
}

interface PresenceDeps {
  readonly clock: Clock;
  readonly newSessionId: () => string;
  readonly publish: (topic: string, body: object) => void;
}

/** Tells on `$aws/events/presence/` who comes and who goes. */
export class Presence {
  readonly #deps: PresenceDeps;
  readonly #versions = new Map<string, number>();

  constructor(deps: PresenceDeps) {
    this.#deps = deps;
  }

  /** The returned function tells of the end. */
  enter({ clientId, certificateId, ipAddress }: PresentClient): (disconnectReason: DisconnectReason) => void {
    const { clock, newSessionId, publish } = this.#deps;
    const versionNumber = (this.#versions.get(clientId) ?? -1) + 1;
    this.#versions.set(clientId, versionNumber);
    const session = { sessionIdentifier: newSessionId(), principalIdentifier: certificateId, ipAddress, versionNumber };
    const tell = (eventType: 'connected' | 'disconnected', more: object) =>
      publish(`$aws/events/presence/${eventType}/${clientId}`, {
        clientId,
        timestamp: clock.now(),
        eventType,
        ...session,
        ...more,
      });
    tell('connected', {});
    return (disconnectReason) =>
      tell('disconnected', {
        clientInitiatedDisconnect: disconnectReason === 'CLIENT_INITIATED_DISCONNECT',
        disconnectReason,
      });
  }
}
