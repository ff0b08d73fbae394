import type { Drive } from './glass.js';
import type { RamPlane } from './ram-plane.js';

/** What a refresh does to the glass. */
export interface Uc8179Waveform {
  readonly mode: 'full' | 'fast' | 'partial' | 'grey';
  readonly durationMs: number;
  /** Whether every pixel is moved there and back, which clears ghosts. */
  readonly flash: boolean;
  readonly copiesNewToOld: boolean;
  /** Where each pixel goes; one that stays is undefined. */
  target(before: RamPlane, after: RamPlane, glass: { width: number; height: number }): Drive;
}

const PSR_SHIFT_RIGHT = 0x04;
const PSR_SCAN_UP = 0x08;
const PSR_TWO_INKS = 0x10;
const PSR_LUT_FROM_REGISTERS = 0x20;
const CDI_SET_BIT_IS_WHITE = 0x01;
const CDI_COPY_NEW_TO_OLD = 0x08;
const CCSET_FORCED_TEMPERATURE = 0x02;

/** Forced temperatures under which the OTP keeps other waveforms, and how long these take. Source: vendor driver; GxEPD2. */
const FORCED: Readonly<Record<number, { mode: Uc8179Waveform['mode']; durationMs: number }>> = {
  90: { mode: 'fast', durationMs: 1_171 },
  95: { mode: 'grey', durationMs: 2_000 },
  110: { mode: 'partial', durationMs: 435 },
};
const FULL = { mode: 'full', durationMs: 4_200 } as const;

/** What the registers make of a refresh; undefined for three inks, which this model does not do. */
export function waveformOf(
  register: (name: string) => readonly number[],
  otpFast: boolean,
): Uc8179Waveform | undefined {
  const [psr = 0] = register('PSR');
  const [cdi = 0] = register('CDI');
  const [ccset = 0] = register('CCSET');
  const [temperature = 0] = register('TSSET');
  if ((psr & PSR_TWO_INKS) === 0) return undefined;
  const fromOtp = (psr & PSR_LUT_FROM_REGISTERS) === 0;
  const forced = fromOtp && otpFast && (ccset & CCSET_FORCED_TEMPERATURE) !== 0 ? FORCED[temperature] : undefined;
  const { mode, durationMs } = forced ?? FULL;
  const whiteBit = (cdi & CDI_SET_BIT_IS_WHITE) === 0 ? 0 : 1;
  return {
    mode,
    durationMs,
    flash: mode !== 'partial',
    copiesNewToOld: (cdi & CDI_COPY_NEW_TO_OLD) !== 0,
    target(before, after, { width, height }) {
      const pixel = pixelOf(mode, before, after, whiteBit);
      const flipX = (psr & PSR_SHIFT_RIGHT) === 0;
      const flipY = (psr & PSR_SCAN_UP) === 0;
      if (!flipX && !flipY) return pixel;
      return (x, y) => pixel(flipX ? width - 1 - x : x, flipY ? height - 1 - y : y);
    },
  };
}

function pixelOf(mode: Uc8179Waveform['mode'], before: RamPlane, after: RamPlane, whiteBit: 0 | 1): Drive {
  if (mode === 'grey') {
    // The two planes together are the level: 0,0 is white and 1,1 black. Source: vendor 4-grey table with CDI 10.
    return (x, y) => 1 - (2 * after.bitAt(x, y) + before.bitAt(x, y)) / 3;
  }
  const lightness: Drive = (x, y) => (after.bitAt(x, y) === whiteBit ? 1 : 0);
  if (mode !== 'partial') return lightness;
  return (x, y) => (before.bitAt(x, y) === after.bitAt(x, y) ? undefined : lightness(x, y));
}
