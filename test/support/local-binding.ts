import { v7 } from 'uuid';
import { openBindingSide } from '../../hub/binding/binding-side.js';
import type { Store } from '../../hub/storage/store.js';
import { onPanel } from './hub-panel.js';
import { SILENT, type Site, settle } from './hub-site.js';

const LINK = { connectedSinceMs: undefined, reconnects: 0, problem: undefined, takeOvers: 0 };

/** A hub's own binding over the site's store, its glass, and a cloud that is away or there. */
export function bindAtHub(
  store: Store,
  site: Site,
  given: { cloudUrl: string | undefined } = { cloudUrl: 'https://cloud.test/' },
) {
  const { display, panel, screens, ask } = onPanel(store, site);
  const cloud = { connected: false, unansweredMs: 0 };
  let bytes = 0;
  const side = openBindingSide({
    store,
    display,
    config: { INKLET_CLOUD_URL: given.cloudUrl, INKLET_HOST: '0.0.0.0' },
    cloud: () => ({
      link: () => ({ ...LINK, connected: cloud.connected }),
      claimUnansweredMs: () => cloud.unansweredMs,
    }),
    addressOf: () => '192.168.1.20',
    newId: () => v7(),
    randomBytes: (size) => {
      bytes += 1;
      return new Uint8Array(size).map((_, at) => bytes * 31 + at * 7);
    },
    clock: site.clock,
    log: SILENT,
  });
  const paint = async () => {
    for (let turn = 0; turn < 6; turn += 1) {
      await settle();
      await panel.end();
    }
  };
  display.start();
  /** The code that the glass was last given. */
  const code = (): string => {
    const last = screens.findLast((screen) => screen.kind === 'claim-code');
    return last?.kind === 'claim-code' ? last.code : '';
  };
  const close = async () => {
    const stopped = Promise.all([side.stop(), display.stop()]);
    for (let turn = 0; turn < 6; turn += 1) await paint();
    await stopped;
  };
  return { side, claims: side.claims, cloud, display, panel, screens, ask, paint, code, close };
}
