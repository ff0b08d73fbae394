import type { Logger } from 'pino';
import type { Clock, Frame, PanelPort } from '../hardware/index.js';
import type { KeyStore } from '../provisioning/index.js';
import type { Renderer } from '../render/index.js';
import type { OpenLink } from './cloud-side.js';
import type { HubConfig } from './config.js';
import type { IdentitySource } from './identity-source.js';
import type { Warnings } from './reports/warnings.js';

/** What a hub is made of. */
export type HubDeps = {
  config: Pick<
    HubConfig,
    | 'INKLET_HOST'
    | 'INKLET_PORT'
    | 'INKLET_DATA_DIR'
    | 'INKLET_CLOUD_URL'
    | 'INKLET_PANEL'
    | 'INKLET_PROFILE'
    | 'INKLET_VIEWING_DISTANCE_MM'
    | 'INKLET_PANEL_REST_S'
    | 'INKLET_TIME_ZONE'
    | 'INKLET_HEARTBEAT_INTERVAL_S'
    | 'INKLET_SYNC_INTERVAL_S'
    | 'INKLET_ROTATE_AFTER_DAYS'
  >;
  version: string;
  /** What the panel is wired to. */
  panel: PanelPort;
  /** Who the hub is; undefined: it works on its own. */
  identity: Pick<IdentitySource, 'obtain' | 'untilTroubled' | 'hwId' | 'problem' | 'onChange'> | undefined;
  /** Where its key and certificate are, once it has some. */
  keyStore: KeyStore;
  openLink: OpenLink;
  startRenderer: () => Promise<Renderer>;
  frameToPng: (frame: Frame, inks: readonly string[]) => Promise<Uint8Array>;
  fetch: typeof fetch;
  reboot: () => Promise<void>;
  /** What the log warns of; absent: the cloud is not told of it. */
  warnings?: Pick<Warnings, 'take'>;
  rssBytes: () => number;
  /** Of the processor; null where it cannot be read. */
  temperatureC: () => Promise<number | null>;
  /** Beside the panel; undefined: not known, and taken for a room's. */
  roomTemperatureC: () => Promise<number | undefined>;
  clock: Clock;
  /** 0 to 1. */
  random: () => number;
  newId: () => string;
  /** 128 random bits in hex. */
  newEpoch: () => string;
  randomBytes: (size: number) => Uint8Array;
  /** By which a telephone in the home network reaches a hub that listens on this host. */
  addressOf: (host: string) => string;
  log: Logger;
};

/** A hub that can be started and stopped once each. */
export type Hub = {
  /** Resolves once the local API answers; everything else goes on in the background. */
  start(signal?: AbortSignal): Promise<{ url: string }>;
  /** Finishes a refresh that has begun, and closes everything; safe to call twice. */
  stop(): Promise<void>;
};
