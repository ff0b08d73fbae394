import { HardwareError } from '../errors.js';
import type { GpioLines, Level, PanelLine } from '../ports.js';
import {
  GPIO_V2_GET_LINE,
  GPIO_V2_GET_LINEINFO,
  GPIO_V2_LINE_GET_VALUES,
  GPIO_V2_LINE_SET_VALUES,
  type LineWish,
  lineInfo,
  lineRequest,
  lineValue,
  readLineFd,
  readLineInfo,
  readLineValue,
} from './abi.js';
import { checked, isHeld } from './failure.js';
import { type HeaderChip, openHeaderChip } from './gpio-chip.js';
import type { Syscalls } from './syscalls.js';

/** The panel's lines with their BCM numbers. */
export type Wires = ReadonlyMap<PanelLine, number>;

/** What `gpioinfo` shows as the holder of our lines. */
const CONSUMER = 'inklet';
const CHIP_SELECTS = [8, 7];

/** The lines of a panel on the 40-pin header, held for us alone until they are closed. */
export class HeaderLines implements GpioLines {
  readonly #syscalls: Syscalls;
  readonly #path: string;
  readonly #fd: number;
  readonly #lines: readonly PanelLine[];
  #closed = false;

  private constructor(syscalls: Syscalls, { path, fd, lines }: { path: string; fd: number; lines: PanelLine[] }) {
    this.#syscalls = syscalls;
    this.#path = path;
    this.#fd = fd;
    this.#lines = lines;
  }

  /** @throws HardwareError `linux.no-device`, `linux.no-permission`, `linux.line-held`, `linux.refused` */
  static async open(syscalls: Syscalls, wires: Wires): Promise<HeaderLines> {
    const chip = await openHeaderChip(syscalls);
    try {
      const struct = lineRequest(lineWishes(chip, wires), CONSUMER);
      const answer = await syscalls.ioctl(chip.fd, GPIO_V2_GET_LINE, struct);
      if (isHeld(answer)) throw await lineHeld(syscalls, chip, wires);
      checked(answer, { what: `take the lines ${[...wires.values()].join(', ')}`, path: chip.path });
      return new HeaderLines(syscalls, { path: chip.path, fd: readLineFd(struct), lines: [...wires.keys()] });
    } finally {
      syscalls.close(chip.fd);
    }
  }

  /** @throws HardwareError `linux.not-wired`, `linux.device-gone`, `linux.refused`, `linux.closed` */
  async set(line: Exclude<PanelLine, 'busy'>, level: Level): Promise<void> {
    // A board without the line has its power always.
    if (line === 'pwr' && !this.#lines.includes(line)) return;
    const struct = lineValue(this.#place(line), level);
    const answer = await this.#syscalls.ioctl(this.#fd, GPIO_V2_LINE_SET_VALUES, struct);
    checked(answer, { what: `set ${line}`, path: this.#path });
  }

  /** @throws HardwareError `linux.not-wired`, `linux.device-gone`, `linux.refused`, `linux.closed` */
  async get(line: PanelLine): Promise<Level> {
    const place = this.#place(line);
    const struct = lineValue(place);
    const answer = await this.#syscalls.ioctl(this.#fd, GPIO_V2_LINE_GET_VALUES, struct);
    checked(answer, { what: `read ${line}`, path: this.#path });
    return readLineValue(struct, place);
  }

  /** Gives the lines back. Safe to call twice. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#syscalls.close(this.#fd);
  }

  #place(line: PanelLine): number {
    if (this.#closed) throw new HardwareError('linux.closed', `the lines of ${this.#path} were closed by us`);
    const place = this.#lines.indexOf(line);
    if (place === -1) throw new HardwareError('linux.not-wired', `the panel's board has no line ${line}`);
    return place;
  }
}

/**
 * Nothing is selected and nothing reset. The module's power is on from the first moment: a process that starts anew
 * must not take it from glass that the one before it was driving.
 */
function lineWishes({ firstOffset }: HeaderChip, wires: Wires): LineWish[] {
  return [...wires].map(([line, bcm]) => {
    const offset = firstOffset + bcm;
    return { offset, begin: line === 'busy' ? 'input' : line === 'dc' ? 0 : 1 };
  });
}

async function lineHeld(syscalls: Syscalls, chip: HeaderChip, wires: Wires): Promise<HardwareError> {
  const held: string[] = [];
  let isChipSelect = false;
  for (const [line, bcm] of wires) {
    const struct = lineInfo(chip.firstOffset + bcm);
    const answer = await syscalls.ioctl(chip.fd, GPIO_V2_GET_LINEINFO, struct);
    const { used, consumer } = readLineInfo(struct);
    if (answer < 0 || !used) continue;
    held.push(`GPIO ${bcm} (${line}) by "${consumer}"`);
    isChipSelect ||= line.startsWith('cs-') && CHIP_SELECTS.includes(bcm);
  }
  const advice = isChipSelect
    ? 'let the SPI driver go of its chip selects: dtoverlay=spi0-0cs in /boot/firmware/config.txt, then reboot'
    : 'stop the other process, or use another pin';
  const what = held.join(', ') || 'a line, which is free again now';
  return new HardwareError('linux.line-held', `${chip.path}: held is ${what}; ${advice}`);
}
