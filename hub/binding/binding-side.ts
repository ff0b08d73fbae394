import type { Logger } from 'pino';
import type { Clock } from '../../hardware/index.js';
import type { CloudSide } from '../cloud-side.js';
import type { HubConfig } from '../config.js';
import type { WiredDisplay } from '../display/wired-display.js';
import type { Store } from '../storage/store.js';
import { AWAY_MS, CodeKeeper } from './code-keeper.js';
import { LocalClaims } from './local-claims.js';
import type { RandomBytes } from './local-code.js';
import { LocalHousehold } from './local-household.js';

export type BindingSideDeps = {
  store: Store;
  display: WiredDisplay;
  config: Pick<HubConfig, 'INKLET_CLOUD_URL' | 'INKLET_HOST'>;
  /** undefined until the hub has its identity. */
  cloud: () => Pick<CloudSide, 'link' | 'claimUnansweredMs'> | undefined;
  /** By which a telephone in the home network reaches a hub that listens on this host. */
  addressOf: (host: string) => string;
  newId: () => string;
  randomBytes: RandomBytes;
  clock: Clock;
  log: Logger;
};

/** Whose the hub is, for its page. */
export type BindingView = {
  householdName: string | undefined;
  /** It was bound at the hub, and no account has it yet. */
  isLocal: boolean;
  isCloudAway: boolean;
  /** Where an account takes up what was bound at the hub. */
  cloudUrl: string | undefined;
};

/** How a hub becomes somebody's without the cloud. */
export type BindingSide = {
  claims: LocalClaims;
  view: () => BindingView;
  /** Whether the cloud is away and a code is good that the hub made. */
  hasOwnCode: () => boolean;
  /** Lets a hub with a cloud that is away show codes of its own; one without a cloud shows them when it is asked. */
  start: (listeningUrl: string) => void;
  stop: () => Promise<void>;
};

export function openBindingSide(deps: BindingSideDeps): BindingSide {
  const { store, display, config, cloud, addressOf, newId, randomBytes, clock } = deps;
  const log = deps.log.child({ mod: 'binding' });
  const cloudUrl = config.INKLET_CLOUD_URL?.replace(/\/+$/, '');
  const { binding } = store;
  // A broker that is there says nothing of the service behind it, without which no account has a code either.
  const isUnanswered = () => (cloud()?.claimUnansweredMs() ?? 0) >= AWAY_MS;
  const isCloudAway = () => cloud()?.link().connected !== true || isUnanswered();
  let port = '';
  const pageUrl = () => `http://${addressOf(config.INKLET_HOST)}:${port}/bind`;
  const now = () => Math.round(clock.now());
  const household = new LocalHousehold({ store, display, newId, randomBytes, now });
  const made = { binding, tries: store.localTries, household, display, isCloudAway, pageUrl };
  const claims = new LocalClaims({ ...made, newId, randomBytes, clock, log });
  const isGlassTaken = () => display.isTaken;
  const keeper = new CodeKeeper({ claims, binding, isCloudAway, isUnanswered, isGlassTaken, clock, log });
  // The hub is somebody's now, or a code of the cloud's has come onto the glass. One that was still on its way there when the
  // cloud went away does not count: the hub's own is newer.
  binding.onChange(() => {
    if (binding.household() !== undefined || !isCloudAway()) claims.end();
  });
  const view = () => ({
    householdName: binding.household()?.householdName,
    isLocal: binding.local() !== undefined,
    isCloudAway: isCloudAway(),
    cloudUrl,
  });
  return {
    claims,
    view,
    hasOwnCode: () => isCloudAway() && claims.isLive,
    start: (listeningUrl) => {
      ({ port } = new URL(listeningUrl));
      if (cloudUrl !== undefined) keeper.start();
    },
    stop: async () => {
      await keeper.stop();
      await claims.stop();
    },
  };
}
