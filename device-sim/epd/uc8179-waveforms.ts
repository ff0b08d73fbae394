import type { RefreshKind } from './chip.js';
import type { Drive } from './glass.js';
import type { RamPlane } from './ram-plane.js';
import type { SimPanelModel } from './sim-panels.js';

/** What a refresh does to the glass. */
export interface Uc8179Waveform {
  readonly mode: RefreshKind;
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
const CDI_CLEAR_BIT_IS_RED = 0x02;
const CDI_COPY_NEW_TO_OLD = 0x08;
const CCSET_FORCED_TEMPERATURE = 0x02;

const RED = 2;

/** Forced temperatures under which the OTP keeps other waveforms. Source: vendor driver. */
const FORCED: Readonly<Record<number, RefreshKind>> = { 90: 'fast', 95: 'grey', 110: 'partial' };

/** What the registers make of a refresh; undefined for three inks on glass that has two. */
export function waveformOf(
  register: (name: string) => readonly number[],
  { otpMs, inks }: Pick<SimPanelModel, 'otpMs' | 'inks'>,
  otpFast: boolean,
): Uc8179Waveform | undefined {
  const [psr = 0] = register('PSR');
  const [cdi = 0] = register('CDI');
  const [ccset = 0] = register('CCSET');
  const [temperature = 0] = register('TSSET');
  const threeInks = (psr & PSR_TWO_INKS) === 0;
  if (threeInks && inks.length !== 3) return undefined;
  const fromOtp = (psr & PSR_LUT_FROM_REGISTERS) === 0;
  const forced = fromOtp && otpFast && (ccset & CCSET_FORCED_TEMPERATURE) !== 0 ? FORCED[temperature] : undefined;
  const mode = forced === undefined || otpMs[forced] === undefined ? 'full' : forced;
  const whiteBit = (cdi & CDI_SET_BIT_IS_WHITE) === 0 ? 0 : 1;
  return {
    mode,
    durationMs: otpMs[mode] ?? otpMs.full,
    flash: mode !== 'partial',
    copiesNewToOld: (cdi & CDI_COPY_NEW_TO_OLD) !== 0,
    target(before, after, { width, height }) {
      const redBit = (cdi & CDI_CLEAR_BIT_IS_RED) === 0 ? 1 : 0;
      const pixel = threeInks ? inkOf(before, after, whiteBit, redBit) : pixelOf(mode, before, after, whiteBit);
      const flipX = (psr & PSR_SHIFT_RIGHT) === 0;
      const flipY = (psr & PSR_SCAN_UP) === 0;
      if (!flipX && !flipY) return pixel;
      return (x, y) => pixel(flipX ? width - 1 - x : x, flipY ? height - 1 - y : y);
    },
  };
}

/** Red is stronger: where it is, the other plane does not count. */
function inkOf(blackWhite: RamPlane, red: RamPlane, whiteBit: 0 | 1, redBit: 0 | 1): Drive {
  return (x, y) => {
    if (red.bitAt(x, y) === redBit) return RED;
    return blackWhite.bitAt(x, y) === whiteBit ? 1 : 0;
  };
}

/** Ink 0 is black and 1 white, which is also the lightness of grey glass. */
function pixelOf(mode: RefreshKind, before: RamPlane, after: RamPlane, whiteBit: 0 | 1): Drive {
  if (mode === 'grey') {
    // The two planes together are the level, white where both say white. Source: vendor 4-grey tables, CDI 10 and 21.
    const flip = whiteBit;
    return (x, y) => 1 - (2 * (after.bitAt(x, y) ^ flip) + (before.bitAt(x, y) ^ flip)) / 3;
  }
  const lightness: Drive = (x, y) => (after.bitAt(x, y) === whiteBit ? 1 : 0);
  if (mode !== 'partial') return lightness;
  return (x, y) => (before.bitAt(x, y) === after.bitAt(x, y) ? undefined : lightness(x, y));
}
