import { HardwareError } from '../errors.js';
import type { SpiPort } from '../ports.js';
import {
  fourBytes,
  oneByte,
  SPI_IOC_MESSAGE_1,
  SPI_IOC_WR_BITS_PER_WORD,
  SPI_IOC_WR_MAX_SPEED_HZ,
  SPI_IOC_WR_MODE,
  SPI_MODE_0,
  SPI_NO_CS,
  spiTransfer,
} from './abi.js';
import { checked, isInvalid } from './failure.js';
import type { Syscalls } from './syscalls.js';
import type { ChipSelect } from './wirings.js';

export interface SpiDeviceOptions {
  /** Such as `/dev/spidev0.0`. */
  readonly path: string;
  readonly hz: number;
  readonly chipSelect: ChipSelect;
  readonly syscalls: Syscalls;
}

const BUFFER_SIZE_FILE = '/sys/module/spidev/parameters/bufsiz';
const DEFAULT_BUFFER_BYTES = 4_096;
/** Newer kernels count a transfer as so many whole pieces of memory as DMA takes at least: at most 128 bytes on ARM. */
const COUNTED_BYTES = 128;
/** One page of pictures; beyond it a message would keep memory that brings nothing. */
const LONGEST_MESSAGE_BYTES = 65_536;
const ENABLE = 'switch SPI on: dtparam=spi=on in /boot/firmware/config.txt, then reboot';
/** A message that takes longer on the wire waits on another thread. */
const ASIDE_MS = 0.5;

/** An SPI bus as spidev offers it: each transfer is one message, as long as the driver's buffer at most. */
export class SpiDevice implements SpiPort {
  readonly maxTransferBytes: number;
  readonly #options: SpiDeviceOptions;
  readonly #fd: number;
  readonly #bytes: Buffer;
  readonly #address: bigint;
  #tail: Promise<unknown> = Promise.resolve();
  #closed = false;

  private constructor(options: SpiDeviceOptions, fd: number, maxTransferBytes: number) {
    this.#options = options;
    this.#fd = fd;
    this.maxTransferBytes = maxTransferBytes;
    this.#bytes = Buffer.allocUnsafeSlow(maxTransferBytes);
    this.#address = options.syscalls.addressOf(this.#bytes);
  }

  /** @throws HardwareError `linux.no-device`, `linux.no-permission`, `linux.refused` */
  static async open(options: SpiDeviceOptions): Promise<SpiDevice> {
    const { path, syscalls } = options;
    const fd = checked(syscalls.open(path), { what: 'open the SPI bus', path, ifMissing: ENABLE });
    try {
      await setUp(fd, options);
      return new SpiDevice(options, fd, messageBytes(syscalls.readText(BUFFER_SIZE_FILE)));
    } catch (error) {
      syscalls.close(fd);
      throw error;
    }
  }

  /** @throws HardwareError `linux.message-too-long`, `linux.device-gone`, `linux.refused`, `linux.closed` */
  transfer(bytes: Uint8Array): Promise<void> {
    const turn = this.#tail.then(() => this.#send(bytes));
    this.#tail = turn.catch(() => undefined);
    return turn;
  }

  /** Waits for a message that is on the wire. Safe to call twice. */
  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    await this.#tail;
    this.#options.syscalls.close(this.#fd);
  }

  async #send(bytes: Uint8Array): Promise<void> {
    const { path, hz, syscalls } = this.#options;
    if (this.#closed) throw new HardwareError('linux.closed', `${path} was closed by us`);
    if (bytes.length > this.maxTransferBytes) {
      const message = `a transfer of ${bytes.length} bytes; ${path} takes ${this.maxTransferBytes}`;
      throw new HardwareError('linux.message-too-long', message);
    }
    this.#bytes.set(bytes);
    const struct = spiTransfer({ address: this.#address, bytes: bytes.length, hz });
    const aside = (bytes.length * 8_000) / hz > ASIDE_MS;
    const sent = await syscalls.ioctl(this.#fd, SPI_IOC_MESSAGE_1, struct, aside);
    checked(sent, { what: `send ${bytes.length} bytes`, path });
  }
}

/** Mode, width and speed belong to the device, whoever has it open; each transfer bears the last two again. */
async function setUp(fd: number, { path, hz, chipSelect, syscalls }: SpiDeviceOptions): Promise<void> {
  const setMode = (mode: number) => syscalls.ioctl(fd, SPI_IOC_WR_MODE, oneByte(mode));
  let answer = await setMode(chipSelect === 'lines' ? SPI_MODE_0 | SPI_NO_CS : SPI_MODE_0);
  // The Raspberry Pi 5's bus cannot be without chip select; moving a pin that is wired nowhere does no harm.
  if (chipSelect === 'lines' && isInvalid(answer)) answer = await setMode(SPI_MODE_0);
  checked(answer, { what: 'set SPI mode 0', path });
  const width = await syscalls.ioctl(fd, SPI_IOC_WR_BITS_PER_WORD, oneByte(8));
  checked(width, { what: 'set 8 bits per word', path });
  const speed = await syscalls.ioctl(fd, SPI_IOC_WR_MAX_SPEED_HZ, fourBytes(hz));
  checked(speed, { what: `set ${hz} Hz`, path });
}

function messageBytes(parameter: string | undefined): number {
  const bufferBytes = Number.parseInt(parameter ?? '', 10);
  if (!(bufferBytes >= COUNTED_BYTES)) return DEFAULT_BUFFER_BYTES;
  return Math.min(bufferBytes - (bufferBytes % COUNTED_BYTES), LONGEST_MESSAGE_BYTES);
}
