import type { SimPanel } from './sim-panel.js';

/** A command and its data, or a word for what else happens on the wires. */
export type WireStep = readonly number[] | 'idle' | 'reset' | 'deselect';

/** Longer than what any chip of two inks is busy with. */
const IDLE_MS = 60_000;

/** Sends steps over the wires of a panel with one chip; `idle` lets a minute pass. */
export async function runSteps(panel: SimPanel, steps: readonly WireStep[]): Promise<void> {
  const { spi, gpio, clock } = panel;
  for (const step of steps) {
    if (step === 'idle') await clock.sleep(IDLE_MS);
    else if (step === 'deselect') await gpio.set('cs-m', 1);
    else if (step === 'reset') {
      await gpio.set('rst', 0);
      await gpio.set('rst', 1);
    } else {
      await gpio.set('dc', 0);
      await spi.transfer(Uint8Array.from(step.slice(0, 1)));
      await gpio.set('dc', 1);
      if (step.length > 1) await spi.transfer(Uint8Array.from(step.slice(1)));
    }
  }
}
