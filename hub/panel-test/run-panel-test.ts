import type { Epd, Frame, ShowMode } from '../../hardware/index.js';
import type { TestCard } from './test-card.js';

export type PanelTestDeps = {
  epd: Pick<Epd, 'show' | 'sleep' | 'spec'>;
  card: TestCard;
  /** How many partial refreshes follow the full one, on a panel that can. */
  partials: number;
  /** Told one line per refresh. */
  tell: (line: string) => void;
  signal?: AbortSignal;
};

/**
 * Shows the card in greys where the panel has them, then in its inks by a full refresh; counts up by partial ones, and
 * lets the panel sleep, also after a failure.
 * @throws HardwareError `epd.*`, `linux.*`, `socket.*`
 */
export async function runPanelTest({ epd, card, partials, tell, signal }: PanelTestDeps): Promise<void> {
  const show = async (name: string, frame: Frame, mode: ShowMode): Promise<void> => {
    const { tookMs, busyMs } = await epd.show(frame, mode, signal === undefined ? {} : { signal });
    tell(`${name}: ${mode} refresh, ${Math.round(tookMs)} ms, of which BUSY ${Math.round(busyMs)} ms`);
  };
  try {
    const greys = await card.greys();
    // What follows greys must flash, and the first of the others does.
    if (greys !== undefined) await show('greys', greys, 'grey');
    await show('0', await card.withCount(0), 'full');
    const last = epd.spec.partial === undefined ? 0 : partials;
    for (let count = 1; count <= last; count += 1) await show(`${count}`, await card.withCount(count), 'partial');
  } catch (error) {
    // What failed first says more than a panel that cannot be put to sleep any more.
    await epd.sleep().catch(() => undefined);
    throw error;
  }
  await epd.sleep();
}
