import type { BorderDrive } from './chip.js';
import type { RefreshKind } from './refresh-kind.js';
import { endOf, type WaveformPath } from './waveform-path.js';

/** VSS, VSH1, VSL and VSH2: where a level that stays on drives the border. */
const FIXED: readonly BorderDrive[] = ['floats', 0, 1, 0];

interface BorderState {
  readonly mode: RefreshKind;
  /** The value of both planes that is white in four greys. */
  readonly greyWhite: 0 | 1;
  /** Of a waveform that nobody knows by name. */
  readonly paths: readonly WaveformPath[] | undefined;
  /** What the border shows. */
  readonly shown: number;
}

/** What the border register makes of a refresh. Source: SSD1680 datasheet, border waveform control. */
export function ssdBorder(register: number, { mode, greyWhite, paths, shown }: BorderState): BorderDrive {
  if (borderIsFixed(register)) return FIXED[(register >> 4) & 0x03] ?? 'floats';
  // VCOM on both sides moves it as little as no voltage at all.
  if (register >> 6 !== 0) return 'floats';
  const table = register & 0x03;
  const path = paths?.[table];
  if (path !== undefined) return endOf(path, shown) ?? 'floats';
  const [red, bw] = [table >> 1, table & 1];
  if (mode === 'grey') {
    const level = (2 * red + bw) / 3;
    return greyWhite === 1 ? level : 1 - level;
  }
  return mode === 'partial' && red === bw ? 'floats' : bw;
}

/** Whether one level stays on the border for as long as a refresh takes. */
export function borderIsFixed(register: number): boolean {
  return register >> 6 === 1;
}
