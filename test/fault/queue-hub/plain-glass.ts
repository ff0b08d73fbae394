import { createHash } from 'node:crypto';
import type { Clock } from '../../../hardware/index.js';
import type { Outcome } from '../../../hub/display/job.js';
import type { Displays } from '../../../hub/storage/displays.js';
import type { Ledger } from '../../../hub/storage/ledger.js';
import type { Presentation } from '../../../hub/storage/presentations.js';

/** Long enough that power can go while it is painted. */
const PAINT_MS = 200;
const NO_WEAR = { partialsSinceFull: 0, ghostSpent: 0, lastFullMs: null, lastRefreshMs: null };

export type PlainGlassDeps = {
  displayId: string;
  displays: Pick<Displays, 'get'>;
  ledger: Pick<Ledger, 'beginRefresh' | 'confirm'>;
  clock: Clock;
};

/** A display without a panel: what is to be shown is on the glass a moment later, and proved as it must be. */
export function plainGlass({ displayId, displays, ledger, clock }: PlainGlassDeps) {
  const shown = (what: string): Outcome => ({
    state: 'shown',
    frameSha256: createHash('sha256').update(what).digest('hex'),
    refresh: 'full',
  });
  const paint = async (what: string, signal?: AbortSignal): Promise<Outcome> => {
    const isPainted = await clock.sleep(PAINT_MS, signal).then(
      () => true,
      () => false,
    );
    return isPainted ? shown(what) : { state: 'superseded', by: null };
  };
  return {
    showScreen: (_screen: unknown, { signal }: { signal?: AbortSignal } = {}) => paint('screen', signal),
    redraw: () => paint('redraw'),
    blank: (signal?: AbortSignal) => paint('blank', signal),
    giveBack: () => undefined,
    forget: () => undefined,
    get isTaken() {
      return displays.get(displayId)?.currentPresentationId !== null;
    },
    show: async ({ presentationId }: Presentation, { signal }: { signal?: AbortSignal } = {}): Promise<Outcome> => {
      const rendered = shown(presentationId);
      if (rendered.state !== 'shown') return rendered;
      const { frameSha256, refresh } = rendered;
      ledger.beginRefresh(displayId, { presentationId, frameSha256, atMs: clock.now() });
      const outcome = await paint(presentationId, signal);
      if (outcome.state !== 'shown') return outcome;
      ledger.confirm({ displayId, presentationId, frameSha256, refresh, wear: NO_WEAR, paintedMs: clock.now() });
      return outcome;
    },
  };
}
