import { type WaveformPath, type WaveformStep, waveformPath } from './waveform-path.js';

/** The transitions of a pixel, from what it shows to what it is to show; K is black. */
export type KwTransition = 'LUTWW' | 'LUTKW' | 'LUTWK' | 'LUTKK';

/** What the waveforms do that were written to the chip, worked out from their own bytes. */
export interface WrittenLuts {
  readonly durationMs: number;
  readonly paths: Readonly<Record<KwTransition | 'LUTBD', WaveformPath>>;
}

/** Frames in a second by the value of PLL. Source: UC8179 datasheet, R30H. */
const FRAME_RATES = [5, 10, 15, 20, 30, 40, 50, 60, 70, 80, 90, 100, 110, 130, 150, 200] as const;
const GROUP_BYTES = 6;
/** VCOM, VDH, VDL and VDHR: the last is for red, and a third as strong. */
const LEVELS = [0, -1, 1, -1 / 3] as const;

/** Undefined if none was written. Groups of four levels in one byte, four times in frames, and how often. */
export function writtenLuts(register: (name: string) => readonly number[]): WrittenLuts | undefined {
  const names = ['LUTC', 'LUTWW', 'LUTKW', 'LUTWK', 'LUTKK', 'LUTBD'] as const;
  if (names.every((name) => register(name).length === 0)) return undefined;
  const [pll = 0] = register('PLL');
  const frameMs = 1_000 / (FRAME_RATES[pll & 0x0f] ?? 50);
  const steps = (name: (typeof names)[number]): readonly WaveformStep[] => [...stepsOf(register(name), frameMs)];
  const path = (name: (typeof names)[number]): WaveformPath => waveformPath(steps(name));
  const lasts = names.map((name) => steps(name).reduce((sum, { ms }) => sum + ms, 0));
  return {
    durationMs: Math.round(Math.max(...lasts)),
    paths: {
      LUTWW: path('LUTWW'),
      LUTKW: path('LUTKW'),
      LUTWK: path('LUTWK'),
      LUTKK: path('LUTKK'),
      LUTBD: path('LUTBD'),
    },
  };
}

function* stepsOf(lut: readonly number[], frameMs: number): Generator<WaveformStep> {
  for (let at = 0; at < lut.length; at += GROUP_BYTES) {
    const [levels = 0, a = 0, b = 0, c = 0, d = 0, repeat = 0] = lut.slice(at, at + GROUP_BYTES);
    for (let round = 0; round < repeat; round += 1) {
      for (const [phase, frames] of [a, b, c, d].entries()) {
        yield { level: LEVELS[(levels >> (6 - 2 * phase)) & 0x03] ?? 0, ms: frames * frameMs };
      }
    }
  }
}
