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

/** What is told of one connection. */
export interface Attendance {
  /** These filters are held now; in the words of AWS they are topics. */
  subscribed(topics: readonly string[]): void;
  unsubscribed(topics: readonly string[]): void;
  left(disconnectReason: DisconnectReason): void;
}

/** AWS tells nothing of clients whose id would be a wildcard. */
const UNTELLABLE = /[#+]/;

const SILENT: Attendance = { subscribed: () => undefined, unsubscribed: () => undefined, left: () => undefined };

/** Tells on `$aws/events/` who comes and who goes, and who wants to hear what. */
export class Presence {
  readonly #deps: PresenceDeps;
  readonly #versions = new Map<string, number>();

  constructor(deps: PresenceDeps) {
    this.#deps = deps;
  }

  enter({ clientId, certificateId, ipAddress }: PresentClient): Attendance {
    if (UNTELLABLE.test(clientId)) return SILENT;
    const { clock, newSessionId, publish } = this.#deps;
    const versionNumber = (this.#versions.get(clientId) ?? -1) + 1;
    this.#versions.set(clientId, versionNumber);
    const session = { sessionIdentifier: newSessionId(), principalIdentifier: certificateId };
    const tell = (kind: 'presence' | 'subscriptions', eventType: string, more: object) =>
      publish(`$aws/events/${kind}/${eventType}/${clientId}`, {
        clientId,
        timestamp: clock.now(),
        eventType,
        ...session,
        ...more,
      });
    const connection = { ipAddress, versionNumber };
    tell('presence', 'connected', connection);
    return {
      subscribed: (topics) => tell('subscriptions', 'subscribed', { topics }),
      unsubscribed: (topics) => tell('subscriptions', 'unsubscribed', { topics }),
      left: (disconnectReason) => {
        const clientInitiatedDisconnect = disconnectReason === 'CLIENT_INITIATED_DISCONNECT';
        tell('presence', 'disconnected', { ...connection, clientInitiatedDisconnect, disconnectReason });
      },
    };
  }
}
