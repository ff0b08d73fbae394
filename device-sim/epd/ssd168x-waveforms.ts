import { createHash } from 'node:crypto';
import type { Drive } from './glass.js';
import type { RefreshKind } from './refresh-kind.js';
import type { SimPanelModel, SsdModel } from './sim-panels.js';
import { writtenLut } from './ssd168x-lut.js';
import type { Ssd168xRam } from './ssd168x-ram.js';
import { endOf, type WaveformPath } from './waveform-path.js';

/** Bits of update control 2 and what each does, in the order in which the chip does it. */
export const UPDATE = {
  clockOn: 0x80,
  analogOn: 0x40,
  loadTemperature: 0x20,
  loadWaveform: 0x10,
  mode2: 0x08,
  display: 0x04,
  analogOff: 0x02,
  clockOff: 0x01,
} as const;

/** The waveform that the chip has been given or has loaded. */
export interface SsdWaveform {
  /** Undefined of one that no panel is known to have: then the display mode says it. */
  readonly mode: RefreshKind | undefined;
  readonly durationMs: number;
  /** What it does to a pixel by the value of both planes, where its name does not say so. */
  readonly paths?: readonly WaveformPath[];
}

/** Above this no room is: a temperature that was written to choose a fast waveform. */
const FORCED_FROM_C = 85;
const OTP_FREE_SOURCES = 0x80;
const BYPASS = 4;
const INVERT = 8;

/** What OTP holds for a temperature in degrees and a display mode. */
export function otpWaveform(
  { otpMs }: Pick<SimPanelModel, 'otpMs'>,
  { temperatureC, mode2, otpFast }: { temperatureC: number; mode2: boolean; otpFast: boolean },
): SsdWaveform {
  const wanted = mode2 ? 'partial' : temperatureC >= FORCED_FROM_C ? 'fast' : 'full';
  const mode = otpFast && otpMs[wanted] !== undefined ? wanted : 'full';
  return { mode, durationMs: otpMs[mode] ?? otpMs.full };
}

/** The waveform that was written to the chip: by its name, or else by what its bytes do. */
export function writtenWaveform(bytes: readonly number[], { otpMs }: SimPanelModel, ssd: SsdModel): SsdWaveform {
  const kept = Uint8Array.from(bytes.slice(0, ssd.lutBytes));
  const mode = ssd.luts[createHash('sha256').update(kept).digest('hex').slice(0, 16)];
  const lut = writtenLut(kept);
  const durationMs = lut?.durationMs ?? otpMs[mode ?? 'full'] ?? otpMs.full;
  return { mode, durationMs, ...(mode === undefined && lut !== undefined ? { paths: lut.paths } : {}) };
}

/** Where the glass's first column is in RAM, in bytes. */
export function firstColumn(updateControl1: readonly number[], { fromSource8 }: SsdModel, ram: Ssd168xRam): number {
  const [, sources = 0] = updateControl1;
  // Glass that is bonded to source 8 and on, and a chip that counts from 0: then the picture was written a byte on.
  return fromSource8 && (sources & OTP_FREE_SOURCES) === 0 ? ram.firstColumn : 0;
}

export function sourcesAreSet(updateControl1: readonly number[]): boolean {
  return ((updateControl1[1] ?? 0) & OTP_FREE_SOURCES) !== 0;
}

/** How the registers have RAM looked at. */
export interface RamView {
  readonly updateControl1: number;
  readonly firstColumn: number;
  readonly greyWhite: 0 | 1;
}

/** What a plane says of each pixel, of RAM whose first column for the glass is known. */
export function planeOf(name: 'bw' | 'red', ram: Ssd168xRam, { updateControl1, firstColumn: first }: RamView) {
  const treatment = name === 'bw' ? updateControl1 & 0x0f : updateControl1 >> 4;
  return (x: number, y: number): 0 | 1 => treated(ram.bitAt(name, x + first * 8, y), treatment);
}

/** Where each pixel goes. */
export function targetOf(mode: RefreshKind, ram: Ssd168xRam, view: RamView): Drive {
  const bw = planeOf('bw', ram, view);
  const red = planeOf('red', ram, view);
  if (mode === 'grey') {
    const untreated = { ...view, updateControl1: 0 };
    const pair = pairOf(ram, untreated);
    return (x, y) => (view.greyWhite === 1 ? pair(x, y) : 3 - pair(x, y)) / 3;
  }
  if (mode !== 'partial') return bw;
  return (x, y) => {
    const wanted = bw(x, y);
    return wanted === red(x, y) ? undefined : wanted;
  };
}

/** The same, of a waveform that is known by what it does alone to a pixel that shows something. */
export function pathTarget(
  paths: readonly WaveformPath[],
  ram: Ssd168xRam,
  { view, shownAt }: { view: RamView; shownAt: (x: number, y: number) => number },
): Drive {
  const pair = pairOf(ram, view);
  return (x, y) => {
    const path = paths[pair(x, y)];
    return path === undefined ? undefined : endOf(path, shownAt(x, y));
  };
}

function pairOf(ram: Ssd168xRam, view: RamView): (x: number, y: number) => number {
  const bw = planeOf('bw', ram, view);
  const red = planeOf('red', ram, view);
  return (x, y) => 2 * red(x, y) + bw(x, y);
}

function treated(bit: 0 | 1, treatment: number): 0 | 1 {
  if ((treatment & BYPASS) !== 0) return 0;
  return (treatment & INVERT) === 0 ? bit : bit === 0 ? 1 : 0;
}
