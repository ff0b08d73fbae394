import type { Epd, Frame, RefreshMode } from '../../hardware/index.js';
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
 * Shows the card by a full refresh, counts up by partial ones, and lets the panel sleep, also after a failure.
 * @throws HardwareError `epd.*`, `linux.*`, `socket.*`
 */
export async function runPanelTest({ epd, card, partials, tell, signal }: PanelTestDeps): Promise<void> {
  const steps: RefreshMode[] = ['full'];
  if (epd.spec.partial !== undefined) steps.push(...Array.from({ length: partials }, () => 'partial' as const));
  try {
    for (const [count, mode] of steps.entries()) {
      const frame: Frame = await card.withCount(count);
      const { tookMs, busyMs } = await epd.show(frame, mode, signal === undefined ? {} : { signal });
      tell(`${count}: ${mode} refresh, ${Math.round(tookMs)} ms, of which BUSY ${Math.round(busyMs)} ms`);
    }
  } catch (error) {
    // What failed first says more than a panel that cannot be put to sleep any more.
    await epd.sleep().catch(() => undefined);
    throw error;
  }
  await epd.sleep();
}
