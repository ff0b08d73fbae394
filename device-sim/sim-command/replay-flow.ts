import type { Refresh } from '../epd/chip.js';
import type { LintFault, Strictness } from '../epd/lint.js';
import { replayTrace } from '../epd/replay.js';
import { SimPanel } from '../epd/sim-panel.js';
import type { Trace } from '../epd/trace.js';
import { VirtualClock } from '../virtual-clock.js';

export type ReplayResult = {
  /** `real` looked for no broken rules. */
  strictness: Strictness;
  /** Refreshes of the glass that went to their end; none if the display step was never reached. */
  refreshes: readonly Refresh[];
  lint: readonly LintFault[];
  /** Of what an observer sees, in the panel's inks. */
  glassSha256: string;
  tookMs: number;
  panel: SimPanel;
};

/** Longer than any glass takes. */
const LAST_REFRESH_MS = 120_000;

/**
 * Sends a recorded flow to the chip of a panel.
 * @throws SimError `epd.rule-broken` at the first fault, if strict
 */
export async function replayFlow({
  id,
  trace,
  strictness,
}: {
  id: string;
  trace: Trace;
  strictness: Strictness;
}): Promise<ReplayResult> {
  const clock = new VirtualClock({ auto: true });
  // A recording says that BUSY was waited for, and not for how long it was not held yet.
  const panel = new SimPanel({ panel: id, clock, strictness, busyAssertMs: 0 });
  await replayTrace(panel, trace);
  const tookMs = clock.monotonic();
  await clock.sleep(LAST_REFRESH_MS);
  return {
    strictness,
    refreshes: panel.refreshes.filter(({ share }) => share === 1),
    lint: panel.lint.found,
    glassSha256: panel.glass.frame().sha256,
    tookMs,
    panel,
  };
}
