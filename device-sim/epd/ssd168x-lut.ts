import { type WaveformPath, type WaveformStep, waveformPath } from './waveform-path.js';

/** Twelve groups of four phases, for each of five lookup tables; then their frames, then their rates. */
const GROUPS = 12;
const TIMES_AT = 60;
const TIMES_BYTES = 7;
const RATES_AT = 144;
const TABLE_BYTES = 153;
/** The tables by what both planes say, 2 x red + black and white; the fifth is for VCOM. */
const PIXEL_TABLES = 4;
/** VSS, VSH1, VSL and VSH2: the last is for red, and a third as strong. */
const LEVELS = [0, -1, 1, -1 / 3] as const;

/** What a waveform that was written to the chip does, worked out from its own bytes. */
export interface WrittenLut {
  readonly durationMs: number;
  /** By the value of both planes, 2 x red + black and white. */
  readonly paths: readonly WaveformPath[];
}

/**
 * Reads a waveform of 153 bytes; undefined for one of another length, of which nobody has published how it is laid out.
 * Source: SSD1680 datasheet, waveform setting; each group has its own rate in steps of 25 Hz.
 */
export function writtenLut(lut: Uint8Array): WrittenLut | undefined {
  if (lut.length !== TABLE_BYTES) return undefined;
  const tables = Array.from({ length: PIXEL_TABLES }, (_, table) => [...stepsOf(lut, table)]);
  const [steps = []] = tables;
  return {
    durationMs: Math.round(steps.reduce((sum, { ms }) => sum + ms, 0)),
    paths: tables.map(waveformPath),
  };
}

function* stepsOf(lut: Uint8Array, table: number): Generator<WaveformStep> {
  for (let group = 0; group < GROUPS; group += 1) {
    const phases = lut[table * GROUPS + group] ?? 0;
    const times = lut.subarray(TIMES_AT + group * TIMES_BYTES);
    const [a = 0, b = 0, repeatAb = 0, c = 0, d = 0, repeatCd = 0, repeat = 0] = times;
    const rates = lut[RATES_AT + (group >> 1)] ?? 0;
    const frameMs = 1_000 / (25 * ((group % 2 === 0 ? rates >> 4 : rates & 0x0f) + 1));
    const step = (frames: number, shift: number): WaveformStep => ({
      level: LEVELS[(phases >> shift) & 0x03] ?? 0,
      ms: frames * frameMs,
    });
    for (let round = 0; round <= repeat; round += 1) {
      for (let pair = 0; pair <= repeatAb; pair += 1) yield* [step(a, 6), step(b, 4)];
      for (let pair = 0; pair <= repeatCd; pair += 1) yield* [step(c, 2), step(d, 0)];
    }
  }
}
