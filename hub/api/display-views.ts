import type { DisplayState } from '../../contract/index.js';
import type { WiredDisplay } from '../display/wired-display.js';
import { displayStateOf, type PanelGeometry } from '../reports/display-states.js';
import type { Displays } from '../storage/displays.js';
import { type DisplayView, heldBackView } from './display-view.js';

/** The displays of this hub, for the cloud and for people. */
export class DisplayViews {
  readonly #displays: Pick<Displays, 'list'>;
  readonly #panel: PanelGeometry;
  readonly #panelId: string;

  constructor(deps: { displays: Pick<Displays, 'list'>; panelId: string; panel: PanelGeometry }) {
    this.#displays = deps.displays;
    this.#panel = deps.panel;
    this.#panelId = deps.panelId;
  }

  states(): DisplayState[] {
    return this.#displays.list().flatMap((row) => displayStateOf(row, (panel) => this.geometryOf(panel)) ?? []);
  }

  /** The same, with why something on this display is not shown yet. */
  views({ displayId, heldBack }: Pick<WiredDisplay, 'displayId' | 'heldBack'>): DisplayView[] {
    return this.states().map((state) => ({
      ...state,
      heldBack: heldBackView(state.displayId === displayId ? heldBack : undefined),
    }));
  }

  /** A panel that was replaced leaves its display behind; it is not shown. */
  geometryOf(panel: string): PanelGeometry | undefined {
    return panel === this.#panelId ? this.#panel : undefined;
  }
}
