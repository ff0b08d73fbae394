import { createHash } from 'node:crypto';
import type { RefreshKind } from './chip.js';
import type { Drive } from './glass.js';
import type { SimPanelModel, SsdModel } from './sim-panels.js';
import type { Ssd168xRam } from './ssd168x-ram.js';

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
  readonly mode: RefreshKind;
  readonly durationMs: number;
  readonly flash: boolean;
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
  return { mode, durationMs: otpMs[mode] ?? otpMs.full, flash: mode !== 'partial' };
}

/** The waveform that was written to the chip; undefined if no panel is known to have it. */
export function writtenWaveform(
  bytes: readonly number[],
  model: SimPanelModel,
  ssd: SsdModel,
): SsdWaveform | undefined {
  const kept = Uint8Array.from(bytes.slice(0, ssd.lutBytes));
  const mode = ssd.luts[createHash('sha256').update(kept).digest('hex').slice(0, 16)];
  if (mode === undefined) return undefined;
  const durationMs = model.otpMs[mode] !== undefined && ssd.lutBytes !== 153 ? model.otpMs[mode] : framesMs(kept);
  return { mode, durationMs: durationMs ?? framesMs(kept), flash: mode !== 'partial' };
}

/**
 * How long a waveform of 153 bytes takes: twelve groups of four phases in frames, with their repeats, each group at its
 * own rate in steps of 25 Hz. Source: SSD1680 datasheet, waveform setting.
 */
function framesMs(lut: Uint8Array): number {
  let seconds = 0;
  for (let group = 0; group < 12; group += 1) {
    const [a = 0, b = 0, repeatAb = 0, c = 0, d = 0, repeatCd = 0, repeat = 0] = lut.subarray(60 + group * 7);
    const rates = lut[144 + (group >> 1)] ?? 0;
    const rate = group % 2 === 0 ? rates >> 4 : rates & 0x0f;
    const frames = ((a + b) * (repeatAb + 1) + (c + d) * (repeatCd + 1)) * (repeat + 1);
    seconds += frames / (25 * (rate + 1));
  }
  return Math.round(seconds * 1_000);
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

/** Where each pixel goes, of RAM whose first column for the glass is known. */
export function targetOf(
  mode: RefreshKind,
  ram: Ssd168xRam,
  { updateControl1, firstColumn: first, greyWhite }: { updateControl1: number; firstColumn: number; greyWhite: 0 | 1 },
): Drive {
  const shift = first * 8;
  const bw: Drive = (x, y) => treated(ram.bitAt('bw', x + shift, y), updateControl1 & 0x0f);
  const red: Drive = (x, y) => treated(ram.bitAt('red', x + shift, y), updateControl1 >> 4);
  if (mode === 'grey') {
    const level: Drive = (x, y) => (2 * ram.bitAt('red', x + shift, y) + ram.bitAt('bw', x + shift, y)) / 3;
    return greyWhite === 1 ? level : (x, y) => 1 - (level(x, y) ?? 0);
  }
  if (mode !== 'partial') return bw;
  return (x, y) => {
    const wanted = bw(x, y);
    return wanted === red(x, y) ? undefined : wanted;
  };
}

function treated(bit: 0 | 1, treatment: number): 0 | 1 {
  if ((treatment & BYPASS) !== 0) return 0;
  return (treatment & INVERT) === 0 ? bit : bit === 0 ? 1 : 0;
}
