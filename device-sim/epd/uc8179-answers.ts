import { type Answer, answerOf } from './command-input.js';

/** What the answers are made of. */
interface Answering {
  readonly register: (name: string) => readonly number[];
  readonly ambientC: number;
  readonly isBusy: boolean;
  readonly highVoltage: boolean;
  /** Both planes came whole since the last refresh. */
  readonly hasData: boolean;
  /** In partial mode. */
  readonly partial: boolean;
}

const BUSY_N = 0x01;
const POWER_IS_OFF = 0x02;
const POWER_IS_ON = 0x04;
const DATA_FLAG = 0x08;
const I2C_BUSY_N = 0x10;
const PARTIAL_FLAG = 0x40;
const STOP_DATA_FLAG = 0x80;
const CCSET_FORCED_TEMPERATURE = 0x02;
/** An OTP without revisions of the product and of its waveforms, and the chip's own. */
const REVISIONS = [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x0c] as const;

/** What a UC8179 puts out after a command; undefined of one that only takes. Source: UC8179 datasheet, command table. */
export function ucAnswer(name: string, state: Answering): Answer | undefined {
  if (name === 'FLG') return answerOf([flags(state)]);
  if (name === 'DSP') return answerOf([state.hasData ? STOP_DATA_FLAG : 0]);
  if (name === 'REV') return answerOf(REVISIONS);
  if (name === 'TSC') return answerOf([temperatureOf(state) & 0xff, 0]);
  // The supply is well, and so is the glass.
  if (name === 'LPD' || name === 'PBC') return answerOf([1]);
  return undefined;
}

function flags({ isBusy, highVoltage, hasData, partial }: Answering): number {
  const power = highVoltage ? POWER_IS_ON : POWER_IS_OFF;
  return I2C_BUSY_N | power | (isBusy ? 0 : BUSY_N) | (hasData ? DATA_FLAG : 0) | (partial ? PARTIAL_FLAG : 0);
}

/** Degrees with the offset of TSE, unless TSSET forces others. */
function temperatureOf({ register, ambientC }: Answering): number {
  const [ccset = 0] = register('CCSET');
  if ((ccset & CCSET_FORCED_TEMPERATURE) !== 0) return register('TSSET')[0] ?? 0;
  const [tse = 0] = register('TSE');
  const offset = (tse & 0x0f) >= 8 ? (tse & 0x0f) - 16 : tse & 0x0f;
  return Math.floor(ambientC) + offset;
}
