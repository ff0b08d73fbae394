import { expect } from 'vitest';
import { mountSmallCard } from '../fault/card/small-card.js';

/** Of what a small card can be made, in a list that is empty where nobody may mount; CI must be allowed to. */
export function smallCards(): string[] {
  if (mayMount()) return ['tmpfs'];
  expect(process.env.CI, 'CI must be allowed to mount a tmpfs').toBeUndefined();
  return [];
}

function mayMount(): boolean {
  try {
    mountSmallCard(1024 * 1024).unmount();
    return true;
  } catch {
    return false;
  }
}
