import type { Logger } from 'pino';
import { type Clock, Epd, type PanelPort, panelSpec, pixelsPerInch, RefreshPolicy } from '../../hardware/index.js';
import type { Renderer } from '../../render/index.js';
import type { Store } from '../storage/store.js';
import { type FetchPicture, Preparer } from './preparer.js';
import { WiredDisplay, type WiredDisplayDeps } from './wired-display.js';

export type OpenWiredDisplayDeps = {
  panelId: string;
  /** Which measurement of its inks to trust; the usual one if absent. */
  profile?: string | undefined;
  viewingDistanceMm: number;
  /** What the panel is wired to. */
  port: PanelPort;
  store: Pick<Store, 'displays' | 'frames' | 'ledger'>;
  renderer: Pick<Renderer, 'render'>;
  fetchPicture: FetchPicture;
  /** How long the glass is left alone after a refresh; as long as its maker asks if absent. */
  restS?: number | undefined;
  roomTemperatureC: WiredDisplayDeps['roomTemperatureC'];
  localHour: WiredDisplayDeps['localHour'];
  clock: Clock;
  random: () => number;
  newId: () => string;
  log: Logger;
};

/** The display behind a panel, not started yet; its id is made the first time and stays. */
export function openWiredDisplay(deps: OpenWiredDisplayDeps): WiredDisplay {
  const { panelId, profile, viewingDistanceMm, port, store, renderer, fetchPicture, restS, clock, random, newId, log } =
    deps;
  const { displays, frames, ledger } = store;
  const panel = panelSpec(panelId);
  const fresh = { displayId: newId(), name: panel.name, atMs: Math.round(clock.now()) };
  const { displayId } = displays.ensure(panelId, fresh);
  return new WiredDisplay({
    displayId,
    panel,
    epd: new Epd({ spec: panel, port, clock }),
    policy: new RefreshPolicy(
      restS === undefined ? panel : { ...panel, limits: { ...panel.limits, minIntervalMs: restS * 1000 } },
    ),
    preparer: new Preparer({
      renderer,
      target: { ...panel, ...(profile === undefined ? {} : { profile }), ppi: pixelsPerInch(panel), viewingDistanceMm },
      frames,
      fetchPicture,
      clock,
      log,
    }),
    frames,
    displays,
    ledger,
    roomTemperatureC: deps.roomTemperatureC,
    localHour: deps.localHour,
    clock,
    random,
    log,
  });
}
