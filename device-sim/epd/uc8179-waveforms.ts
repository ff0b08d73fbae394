import type { BorderDrive, GlassPart } from './chip.js';
import type { Drive } from './glass.js';
import type { RamPlane } from './ram-plane.js';
import type { RefreshKind } from './refresh-kind.js';
import type { SimPanelModel } from './sim-panels.js';
import { ucBorder } from './uc8179-border.js';
import { type KwTransition, type WrittenLuts, writtenLuts } from './uc8179-lut.js';
import { endOf } from './waveform-path.js';

/** Both planes, and the glass that they are for. */
export interface Uc8179Sight {
  readonly old: RamPlane;
  readonly next: RamPlane;
  readonly glass: GlassPart;
}

/** What a refresh does to the glass. */
export interface Uc8179Waveform {
  readonly mode: RefreshKind;
  readonly durationMs: number;
  /** Whether every pixel is moved there and back, which clears ghosts. */
  readonly flash: boolean;
  readonly copiesNewToOld: boolean;
  readonly border: BorderDrive;
  /** It was written to the chip, and nobody knows it by name. */
  readonly isUnknown: boolean;
  /** Where each pixel goes; one that stays is undefined. */
  target(sight: Uc8179Sight): Drive;
  /** What OLD says that the glass shows, where only what differs from it is driven. */
  base(sight: Uc8179Sight): Drive | undefined;
}

const PSR_SHIFT_RIGHT = 0x04;
const PSR_SCAN_UP = 0x08;
const PSR_TWO_INKS = 0x10;
const PSR_LUT_FROM_REGISTERS = 0x20;
const CDI_SET_BIT_IS_WHITE = 0x01;
const CDI_CLEAR_BIT_IS_RED = 0x02;
/** The same bit with two inks: what is to show alone chooses the transition. */
const CDI_WITHOUT_OLD = 0x02;
const CDI_COPY_NEW_TO_OLD = 0x08;
const CCSET_FORCED_TEMPERATURE = 0x02;

const RED = 2;

/** Forced temperatures under which the OTP keeps other waveforms. Source: vendor driver. */
const FORCED: Readonly<Record<number, RefreshKind>> = { 90: 'fast', 95: 'grey', 110: 'partial' };

/** How the registers have the planes looked at. */
interface View {
  readonly whiteBit: 0 | 1;
  readonly redBit: 0 | 1;
  readonly threeInks: boolean;
  readonly comparesOld: boolean;
}

/**
 * What the registers make of a refresh; `three-inks` on glass that has two, `no-waveform` where it is to come from
 * registers and none was written.
 */
export function waveformOf(
  register: (name: string) => readonly number[],
  { otpMs, inks }: Pick<SimPanelModel, 'otpMs' | 'inks'>,
  { otpFast, borderShown }: { otpFast: boolean; borderShown: number },
): Uc8179Waveform | 'three-inks' | 'no-waveform' {
  const [psr = 0] = register('PSR');
  const [cdi = 0] = register('CDI');
  const threeInks = (psr & PSR_TWO_INKS) === 0;
  const fromRegisters = (psr & PSR_LUT_FROM_REGISTERS) !== 0;
  if (inks.length !== 3 ? threeInks : fromRegisters) return 'three-inks';
  const luts = fromRegisters ? writtenLuts(register) : undefined;
  if (fromRegisters && luts === undefined) return 'no-waveform';
  const mode = luts === undefined ? otpMode(register, otpMs, otpFast) : writtenMode(luts);
  const view: View = {
    whiteBit: (cdi & CDI_SET_BIT_IS_WHITE) === 0 ? 0 : 1,
    redBit: (cdi & CDI_CLEAR_BIT_IS_RED) === 0 ? 1 : 0,
    threeInks,
    comparesOld: (cdi & CDI_WITHOUT_OLD) === 0,
  };
  return {
    mode,
    durationMs: luts?.durationMs ?? otpMs[mode] ?? otpMs.full,
    // A waveform that is run by its own steps leaves no other ghosts than what they leave.
    flash: mode !== 'partial' || luts !== undefined,
    copiesNewToOld: (cdi & CDI_COPY_NEW_TO_OLD) !== 0,
    border: ucBorder(cdi, { mode, threeInks, luts, shown: borderShown }),
    isUnknown: luts !== undefined,
    target(sight) {
      if (luts === undefined) return turned(psr, sight, pixelOf(mode, view, sight));
      const transition = turned(psr, sight, (x, y) => transitionAt(view, sight, x, y));
      return (x, y) => endOf(luts.paths[transition(x, y)], sight.glass.shownAt(x, y));
    },
    base(sight) {
      if (mode !== 'partial' || !view.comparesOld) return undefined;
      return turned(psr, sight, (x, y) => (sight.old.bitAt(x, y) === view.whiteBit ? 1 : 0));
    },
  };
}

function otpMode(
  register: (name: string) => readonly number[],
  otpMs: SimPanelModel['otpMs'],
  otpFast: boolean,
): RefreshKind {
  const [ccset = 0] = register('CCSET');
  const [temperature = 0] = register('TSSET');
  const forced = otpFast && (ccset & CCSET_FORCED_TEMPERATURE) !== 0 ? FORCED[temperature] : undefined;
  return forced === undefined || otpMs[forced] === undefined ? 'full' : forced;
}

/** One that leaves black black and white white is for what changes alone. */
function writtenMode({ paths }: WrittenLuts): RefreshKind {
  return endOf(paths.LUTWW, 1) === undefined && endOf(paths.LUTKK, 0) === undefined ? 'partial' : 'full';
}

/** The planes as they lie on the glass: both scans can go the other way. */
function turned<T>(psr: number, { glass }: Uc8179Sight, at: (x: number, y: number) => T): (x: number, y: number) => T {
  const { width, height } = glass;
  const flipX = (psr & PSR_SHIFT_RIGHT) === 0;
  const flipY = (psr & PSR_SCAN_UP) === 0;
  if (!flipX && !flipY) return at;
  return (x, y) => at(flipX ? width - 1 - x : x, flipY ? height - 1 - y : y);
}

/** Ink 0 is black and 1 white, which is also the lightness of grey glass. */
function pixelOf(mode: RefreshKind, view: View, { old, next }: Uc8179Sight): Drive {
  const { whiteBit, redBit, threeInks, comparesOld } = view;
  // Red is stronger: where it is, the other plane does not count.
  if (threeInks) return (x, y) => (next.bitAt(x, y) === redBit ? RED : old.bitAt(x, y) === whiteBit ? 1 : 0);
  if (mode === 'grey') {
    // The two planes together are the level, white where both say white. Source: vendor 4-grey tables, CDI 10 and 21.
    return (x, y) => 1 - (2 * (next.bitAt(x, y) ^ whiteBit) + (old.bitAt(x, y) ^ whiteBit)) / 3;
  }
  const lightness: Drive = (x, y) => (next.bitAt(x, y) === whiteBit ? 1 : 0);
  if (mode !== 'partial' || !comparesOld) return lightness;
  return (x, y) => (old.bitAt(x, y) === next.bitAt(x, y) ? undefined : lightness(x, y));
}

function transitionAt({ whiteBit, comparesOld }: View, { old, next }: Uc8179Sight, x: number, y: number): KwTransition {
  const toWhite = next.bitAt(x, y) === whiteBit;
  const fromWhite = comparesOld ? old.bitAt(x, y) === whiteBit : !toWhite;
  if (toWhite) return fromWhite ? 'LUTWW' : 'LUTKW';
  return fromWhite ? 'LUTWK' : 'LUTKK';
}
