import type { ChipOptions } from './chip.js';
import type { RefreshKind } from './refresh-kind.js';

const ADVISED_INTERVAL_MS = 180_000; // Waveshare wiki
/** Between these the fast and partial waveforms of every panel are clean. GxEPD2 leaves them out in the cold. */
const ROOM_C = { from: 10, to: 40 } as const;
/** More than anybody reports to be well. */
const MOST_PARTIALS = 30;

/** The vendor asks for power off right after a refresh: high voltage that stays on harms the glass. */
const LEFT_POWERED_MS = 90_000;

/** What is good for the glass, apart from what its chip wants. */
export class RefreshRules {
  readonly #options: ChipOptions;
  #lastMs: number | undefined;
  #partials = 0;
  /** Nothing to tell until the next refresh: it was told, or the high voltage was seen off. */
  #settled = false;

  constructor(options: ChipOptions) {
    this.#options = options;
  }

  begin(mode: RefreshKind): void {
    const { lint, model, clock } = this.#options;
    const since = this.#lastMs === undefined ? ADVISED_INTERVAL_MS : clock.monotonic() - this.#lastMs;
    if (since < ADVISED_INTERVAL_MS) lint.report('refresh-too-soon', `${Math.round(since)} ms after the last`);
    const ambientC = this.#options.ambientC();
    const { from, to } = mode === 'full' || model.colour !== undefined ? model.temperatureC : ROOM_C;
    if (ambientC < from || ambientC > to) lint.report('temperature-outside', `${mode} refresh at ${ambientC} C`);
    this.#partials = mode === 'partial' ? this.#partials + 1 : 0;
    if (this.#partials > MOST_PARTIALS) lint.report('ghost-budget', `${this.#partials} partial refreshes in a row`);
  }

  ended(atMs: number): void {
    this.#lastMs = atMs;
    this.#settled = false;
  }

  /** Somebody speaks to the chip, whose high voltage is on or off. */
  spoken(highVoltage: boolean): void {
    const sinceMs = this.#options.clock.monotonic() - (this.#lastMs ?? Number.POSITIVE_INFINITY);
    const isLeft = highVoltage && !this.#settled && sinceMs >= LEFT_POWERED_MS;
    if (isLeft) this.#options.lint.report('left-powered', `high voltage ${Math.round(sinceMs)} ms after a refresh`);
    if (isLeft || !highVoltage) this.#settled = true;
  }
}
