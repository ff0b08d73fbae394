import { constants } from 'node:os';
import type { PanelPort, Syscalls } from '../../hardware/index.js';
import { BOARDS, type BoardName } from './boards.js';
import { Connector, type Pins } from './connector.js';
import { GpioBank, HeldLines } from './gpio-bank.js';
import { isSpi, isSpiMessage, REQUESTS, type RequestParts, requestParts } from './requests.js';
import { SpiBus, type SpiMessage } from './spi-bus.js';

export interface FakeKernelOptions {
  readonly board: BoardName;
  /** What is plugged onto the header; nothing, if it is absent. */
  readonly panel?: { readonly port: PanelPort; readonly pins: Pins };
  /** `off` without dtparam=spi=on; `0cs` with dtoverlay=spi0-0cs, so that no driver holds GPIO 8 and 7. */
  readonly spi?: 'on' | 'off' | '0cs';
  /** spidev's parameter `bufsiz`. */
  readonly bufsiz?: number;
  /** False: an older device tree, which gives the lines no names. */
  readonly namesLines?: boolean;
  /** Devices that the user may not open. */
  readonly denied?: readonly string[];
}

type Device = SpiBus | GpioBank;

const { EACCES, EBADF, EFAULT, EINVAL, ENODEV, ENOENT, ENOTTY } = constants.errno;
const ESHUTDOWN = 108;
const SPI_DEVICE = '/dev/spidev0.0';
const CHIP_SELECT_PINS = [8, 7];
const FIRST_FD = 20;
const PAGE_BYTES = 4_096n;

/**
 * A Raspberry Pi's kernel as far as a panel needs it. It takes the very structs that the real one takes, refuses what
 * that refuses, and moves the pins of whatever is on the header.
 */
export class FakeKernel implements Syscalls {
  readonly #devices = new Map<string, Device>();
  readonly #open = new Map<number, Device | HeldLines>();
  readonly #memory = new Map<bigint, Uint8Array>();
  readonly #addresses = new WeakMap<Uint8Array, bigint>();
  readonly #bufsiz: number;
  readonly #denied: readonly string[];
  readonly #header: GpioBank | undefined;
  readonly #bus: SpiBus | undefined;
  #nextFd = FIRST_FD;
  #nextAddress = 0x7f00_0000_0000n;
  #bytesUntilUnplugged = Number.POSITIVE_INFINITY;

  constructor(options: FakeKernelOptions) {
    const { board, panel, spi = 'on', bufsiz = 4_096, namesLines = true, denied = [] } = options;
    const { chips, spiCanBeWithoutChipSelect } = BOARDS[board];
    const connector = panel === undefined ? undefined : new Connector(panel.port, panel.pins);
    this.#bufsiz = bufsiz;
    this.#denied = denied;
    for (const chip of chips) {
      const bank = new GpioBank(chip, 'header' in chip ? connector : undefined, namesLines);
      if ('header' in chip) this.#header = bank;
      this.#devices.set(`/dev/gpiochip${chip.number}`, bank);
    }
    if (spi === 'off') return;
    for (const [select, pin] of CHIP_SELECT_PINS.entries()) {
      if (spi === 'on') this.#header?.hold(pin, `spi0 CS${select}`);
    }
    this.#bus = new SpiBus({
      connector,
      bufferBytes: bufsiz,
      canBeWithoutChipSelect: spiCanBeWithoutChipSelect,
      chipSelectPin: spi === 'on' ? CHIP_SELECT_PINS[0] : undefined,
      memory: (address, bytes) => this.#memoryAt(address, bytes),
    });
    this.#devices.set(SPI_DEVICE, this.#bus);
  }

  /** Every SPI message that has left, oldest first. */
  get messages(): readonly SpiMessage[] {
    return this.#bus?.messages ?? [];
  }

  /** How many files are open: a process that has closed everything leaves none. */
  get openFiles(): number {
    return this.#open.size;
  }

  /** Takes a line of the header, as another process does. */
  hold(bcm: number, consumer: string): void {
    this.#header?.hold(bcm, consumer);
  }

  /** Takes the drivers away from the devices after so many bytes more, which may be in the middle of a message. */
  unplug({ afterBytes = 0 }: { afterBytes?: number } = {}): void {
    this.#bytesUntilUnplugged = afterBytes;
  }

  open(path: string): number {
    const device = this.#devices.get(path);
    if (device === undefined || this.#isUnplugged) return -ENOENT;
    if (this.#denied.includes(path)) return -EACCES;
    return this.#keep(device);
  }

  close(fd: number): void {
    const file = this.#open.get(fd);
    if (file instanceof HeldLines) file.close();
    this.#open.delete(fd);
  }

  async ioctl(fd: number, request: number, bytes: Uint8Array): Promise<number> {
    const file = this.#open.get(fd);
    const parts = requestParts(request);
    if (file === undefined) return -EBADF;
    // The real kernel would read and write past the end.
    if (bytes.length < parts.bytes) return -EFAULT;
    const struct = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
    if (file instanceof SpiBus) return this.#isUnplugged ? -ESHUTDOWN : this.#spi(file, parts, request, struct);
    if (this.#isUnplugged) return -ENODEV;
    return file instanceof GpioBank ? this.#chip(file, request, struct) : lines(file, request, struct);
  }

  addressOf(bytes: Uint8Array): bigint {
    const known = this.#addresses.get(bytes);
    if (known !== undefined) return known;
    const address = this.#nextAddress;
    this.#addresses.set(bytes, address);
    this.#memory.set(address, bytes);
    this.#nextAddress += (BigInt(bytes.length) / PAGE_BYTES + 2n) * PAGE_BYTES;
    return address;
  }

  list(folder: string): readonly string[] {
    const paths = [...this.#devices.keys(), '/dev/null', '/dev/gpiomem'];
    return paths.filter((path) => path.startsWith(`${folder}/`)).map((path) => path.slice(folder.length + 1));
  }

  readText(path: string): string | undefined {
    if (path !== '/sys/module/spidev/parameters/bufsiz' || this.#bus === undefined) return undefined;
    return `${this.#bufsiz}\n`;
  }

  get #isUnplugged(): boolean {
    return this.#bytesUntilUnplugged <= 0;
  }

  async #spi(bus: SpiBus, parts: RequestParts, request: number, struct: Buffer): Promise<number> {
    if (!isSpi(parts)) return -ENOTTY;
    if (request === REQUESTS.spiMode) return bus.setMode(struct);
    if (request === REQUESTS.spiBitsPerWord) return bus.setBitsPerWord(struct);
    if (request === REQUESTS.spiMaxSpeedHz) return bus.setMaxSpeed(struct);
    if (!isSpiMessage(parts)) return -ENOTTY;
    const sent = await bus.message(struct, parts.bytes);
    return this.#isUnplugged ? -ESHUTDOWN : sent;
  }

  #chip(bank: GpioBank, request: number, struct: Buffer): number | Promise<number> {
    if (request === REQUESTS.gpioChipInfo) return bank.chipInfo(struct);
    if (request === REQUESTS.gpioLineInfo) return bank.lineInfo(struct);
    if (request === REQUESTS.gpioLines) return bank.request(struct, (held) => this.#keep(held));
    return -EINVAL;
  }

  #keep(file: Device | HeldLines): number {
    const fd = this.#nextFd;
    this.#nextFd += 1;
    this.#open.set(fd, file);
    return fd;
  }

  /** Cut short if the device goes away while the bytes leave. */
  #memoryAt(address: bigint, bytes: number): Uint8Array | undefined {
    for (const [start, memory] of this.#memory) {
      const from = Number(address - start);
      if (from < 0 || from + bytes > memory.length) continue;
      const leaving = Math.min(bytes, this.#bytesUntilUnplugged);
      this.#bytesUntilUnplugged -= leaving;
      return memory.subarray(from, from + leaving);
    }
    return undefined;
  }
}

function lines(held: HeldLines, request: number, struct: Buffer): number | Promise<number> {
  if (request === REQUESTS.gpioGetValues) return held.get(struct);
  if (request === REQUESTS.gpioSetValues) return held.set(struct);
  return -EINVAL;
}
