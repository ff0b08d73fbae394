import { HardwareError } from '../errors.js';
import { chipInfo, GPIO_GET_CHIPINFO, GPIO_V2_GET_LINEINFO, lineInfo, readChipInfo, readLineInfo } from './abi.js';
import { checked } from './failure.js';
import type { Syscalls } from './syscalls.js';

/** The chip behind the 40-pin header, open. */
export interface HeaderChip {
  readonly fd: number;
  readonly path: string;
  /** The chip's offset of BCM line 0. */
  readonly firstOffset: number;
}

type Chip = { readonly fd: number; readonly path: string; readonly label: string; readonly lines: number };

const DEVICES = '/dev';
const DEVICE_NAME = /^gpiochip\d+$/;
/** Of a Raspberry Pi 5, a 4, and those before: the drivers' names stay, while numbers change from kernel to kernel. */
const HEADER_LABELS = ['pinctrl-rp1', 'pinctrl-bcm2711', 'pinctrl-bcm2835'];
/** Bears this name with every driver, unlike the lines that SPI, I2C and the serial port can take. */
const KNOWN_LINE = { name: 'GPIO17', bcm: 17 };

/**
 * Finds the header's chip by the name of its driver, or else by the name of a line.
 * @throws HardwareError `linux.no-device`, `linux.no-permission`
 */
export async function openHeaderChip(syscalls: Syscalls): Promise<HeaderChip> {
  const { chips, refusal } = await openChips(syscalls);
  const labelled = chips.find(({ label }) => HEADER_LABELS.includes(label));
  const found = labelled === undefined ? await findByLine(syscalls, chips) : { ...labelled, firstOffset: 0 };
  for (const { fd } of chips) if (fd !== found?.fd) syscalls.close(fd);
  if (found !== undefined) return found;
  if (refusal !== undefined) checked(refusal.answer, { what: 'open the GPIO chip', path: refusal.path });
  const seen = chips.map(({ path, label }) => `${path} is ${label}`).join(', ') || 'there is no /dev/gpiochip*';
  throw new HardwareError('linux.no-device', `no GPIO chip of a Raspberry Pi's header: ${seen}`);
}

async function openChips(syscalls: Syscalls) {
  const names = syscalls.list(DEVICES).filter((name) => DEVICE_NAME.test(name));
  const chips: Chip[] = [];
  let refusal: { answer: number; path: string } | undefined;
  for (const name of names.toSorted()) {
    const path = `${DEVICES}/${name}`;
    const fd = syscalls.open(path);
    const struct = chipInfo();
    const answer = fd < 0 ? fd : await syscalls.ioctl(fd, GPIO_GET_CHIPINFO, struct);
    if (answer >= 0) chips.push({ fd, path, ...readChipInfo(struct) });
    else refusal ??= { answer, path };
    if (answer < 0 && fd >= 0) syscalls.close(fd);
  }
  return { chips, refusal };
}

async function findByLine(syscalls: Syscalls, chips: readonly Chip[]): Promise<HeaderChip | undefined> {
  for (const { fd, path, lines } of chips) {
    for (let offset = KNOWN_LINE.bcm; offset < lines; offset += 1) {
      const struct = lineInfo(offset);
      if ((await syscalls.ioctl(fd, GPIO_V2_GET_LINEINFO, struct)) < 0) break;
      if (readLineInfo(struct).name === KNOWN_LINE.name) return { fd, path, firstOffset: offset - KNOWN_LINE.bcm };
    }
  }
  return undefined;
}
