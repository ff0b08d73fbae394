import type { Logger } from 'pino';
import type { Clock } from '../../hardware/index.js';
import type { ClaimConnection } from '../fleet/claim-link.js';
import type { HubIdentity, KeyStore } from '../fleet/key-store.js';
import type { Rotation } from './rotation-state.js';

/** What a rotation needs of AWS IoT. The client id is the thing's name: only one connection of a hub can stand. */
export interface RotationBroker {
  /**
   * Connects as the thing by this pair, to ask for the next certificate.
   * @throws ProvisioningError `link.*`
   */
  open(pair: HubIdentity, signal?: AbortSignal): Promise<ClaimConnection>;
  /**
   * Connects as the thing by this pair and subscribes to its commands, then leaves.
   * @throws ProvisioningError `link.*`
   */
  verify(pair: HubIdentity, signal?: AbortSignal): Promise<void>;
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

/** The hub's own connection, which stands aside while a rotation connects. None of this rejects. */
export interface RotatingLink {
  /** Leaves, and resolves when the client id is free. */
  rest(): Promise<void>;
  /** Goes on by this pair, with all that the hub signs; nothing happens if it does so already. */
  use(pair: HubIdentity): Promise<void>;
  isConnected(): boolean;
}

export interface RotationDeps {
  readonly keyStore: Pick<KeyStore, keyof KeyStore>;
  readonly broker: RotationBroker;
  readonly cloud: RotationCloud;
  readonly link: RotatingLink;
  readonly clock: Clock;
  /** From 0 up to 1. */
  readonly random: () => number;
  readonly log: Logger;
  readonly signal?: AbortSignal | undefined;
  /** Hears of each stage once it is stored. */
  readonly onStage?: ((stage: Rotation['stage']) => void) | undefined;
}
