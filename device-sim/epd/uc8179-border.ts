import type { BorderDrive } from './chip.js';
import type { RefreshKind } from './refresh-kind.js';
import type { WrittenLuts } from './uc8179-lut.js';
import { endOf } from './waveform-path.js';

const CDI_BORDER_FLOATS = 0x80;

/** By border selection, first where the lowest polarity bit is 0 and then where it is 1. Source: UC8179 datasheet, R50H. */
const TWO_INKS = [
  ['LUTBD', 'LUTKW', 'LUTWK', 'LUTKK'],
  ['LUTKK', 'LUTWK', 'LUTKW', 'LUTBD'],
] as const;
const THREE_INKS = [
  ['unpublished', 2, 1, 0],
  [0, 1, 2, 'unpublished'],
] as const satisfies readonly (readonly BorderDrive[])[];

/** Where the waveforms of the OTP drive what makes a transition; four greys are made of the transitions too. */
const FROM_OTP: Readonly<Record<'flash' | 'partial' | 'grey', Readonly<Record<string, BorderDrive>>>> = {
  flash: { LUTKW: 1, LUTWK: 0, LUTKK: 0 },
  partial: { LUTKW: 1, LUTWK: 0, LUTKK: 'floats' },
  grey: { LUTKW: 2 / 3, LUTWK: 1 / 3, LUTKK: 0 },
};

interface BorderState {
  readonly mode: RefreshKind;
  readonly threeInks: boolean;
  /** Where waveforms were written to the chip. */
  readonly luts: WrittenLuts | undefined;
  /** What the border shows. */
  readonly shown: number;
}

/** What CDI makes of the border in a refresh. */
export function ucBorder(cdi: number, { mode, threeInks, luts, shown }: BorderState): BorderDrive {
  if ((cdi & CDI_BORDER_FLOATS) !== 0) return 'floats';
  const polarity = cdi & 1 ? 1 : 0;
  const selection = (cdi >> 4) & 0x03;
  if (threeInks) return THREE_INKS[polarity][selection] ?? 'unpublished';
  const table = TWO_INKS[polarity][selection] ?? 'LUTBD';
  if (luts !== undefined) return endOf(luts.paths[table], shown) ?? 'floats';
  const kind = mode === 'partial' || mode === 'grey' ? mode : 'flash';
  return FROM_OTP[kind][table] ?? 'unpublished';
}
