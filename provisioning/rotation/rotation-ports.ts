import type { Logger } from 'pino';
import type { Clock } from '../../hardware/index.js';
import type { ClaimRequests } from '../fleet/claim-link.js';
import type { HubIdentity, KeyStore } from '../fleet/key-store.js';
import type { Rotation } from './rotation-state.js';

/** Whether the hub is on the pair that it was asked to take; if not, it is on the one before. */
export type Move = { ok: true } | { ok: false; code: string; message: string };

/** The hub's own connection. The client id is the thing's name: there can be no other one beside it. */
export interface RotatingLink {
  /** Fleet provisioning by the template of rotation, on the connection that stands. */
  readonly requests: ClaimRequests;
  /** The pair by which it connects, and by which all is signed that the hub tells the cloud. */
  readonly pair: HubIdentity;
  isConnected(): boolean;
  /** Leaves and comes back by this pair, within a minute or not at all. Rejects only when the hub stops. */
  moveTo(pair: HubIdentity): Promise<Move>;
  /** The same, for as long as it takes; nothing happens if it is on that pair. Rejects only when the hub stops. */
  stayWith(pair: HubIdentity): Promise<void>;
}

/** What a rotation needs of the cloud. */
export interface RotationCloud {
  /**
   * Says, signed by the next pair, that the hub works with it, and that the replaced certificate may go. May be asked again.
   * @throws ProvisioningError `rotation.commit-refused`, `rotation.commit-unanswered`
   */
  commit(next: HubIdentity, replaces: string, signal?: AbortSignal): Promise<void>;
  /**
   * Whether the cloud takes what this pair signs.
   * @throws ProvisioningError `rotation.commit-unanswered`
   */
  takes(pair: HubIdentity, signal?: AbortSignal): Promise<boolean>;
}

export interface RotationDeps {
  readonly keyStore: Pick<KeyStore, keyof KeyStore>;
  readonly link: RotatingLink;
  readonly cloud: RotationCloud;
  readonly clock: Clock;
  /** From 0 up to 1. */
  readonly random: () => number;
  readonly log: Logger;
  readonly signal?: AbortSignal | undefined;
  /** Hears of each stage once it is stored. */
  readonly onStage?: ((stage: Rotation['stage']) => void) | undefined;
}
