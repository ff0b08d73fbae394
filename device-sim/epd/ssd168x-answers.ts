import { type Answer, answerOf } from './command-input.js';
import type { Ssd168xRam } from './ssd168x-ram.js';

/** What the answers are made of. */
interface Answering {
  readonly register: (name: string) => readonly number[];
  readonly ram: Ssd168xRam;
  readonly temperatureC: number;
  readonly isBusy: boolean;
}

const STATUS_BUSY = 0x04;
const STATUS_CHIP_ID = 0x01;
const READS_RED = 0x01;

/** What an SSD168x puts out after a command; undefined of one that only takes. Source: SSD1680 datasheet, command table. */
export function ssdAnswer(name: string, { register, ram, temperatureC, isBusy }: Answering): Answer | undefined {
  if (name === 'READ_TEMPERATURE') return answerOf([Math.floor(temperatureC) & 0xff, 0]);
  if (name === 'READ_USER_ID') return answerOf(register('USER_ID'));
  if (name === 'READ_STATUS') return answerOf([STATUS_CHIP_ID | (isBusy ? STATUS_BUSY : 0)]);
  if (name === 'READ_OPTIONS') {
    const [vcomFromOtp = 0, ...modesAndVersion] = register('DISPLAY_OPTION');
    return answerOf([vcomFromOtp, register('VCOM')[0] ?? 0, ...modesAndVersion]);
  }
  if (name !== 'READ_RAM') return undefined;
  const [option = 0] = register('READ_OPTION');
  return ram.answer((option & READS_RED) === 0 ? 'bw' : 'red');
}
