const READ = 2;
const WRITE = 1;
const GPIO_TYPE = 0xb4;
const SPI_TYPE = 'k'.charCodeAt(0);

/** The parts of an ioctl number, as asm-generic/ioctl.h joins them. */
export interface RequestParts {
  /** Bit 0: the kernel reads the struct; bit 1: it writes it. */
  readonly direction: number;
  readonly type: number;
  readonly nr: number;
  readonly bytes: number;
}

function ioc(direction: number, type: number, nr: number, bytes: number): number {
  return ((direction << 30) | (bytes << 16) | (type << 8) | nr) >>> 0;
}

export function requestParts(request: number): RequestParts {
  const direction = request >>> 30;
  return { direction, type: (request >>> 8) & 0xff, nr: request & 0xff, bytes: (request >>> 16) & 0x3fff };
}

/** The calls that a panel needs, put together from linux/gpio.h and linux/spi/spidev.h. */
export const REQUESTS = {
  gpioChipInfo: ioc(READ, GPIO_TYPE, 0x01, 68),
  gpioLineInfo: ioc(READ | WRITE, GPIO_TYPE, 0x05, 256),
  gpioLines: ioc(READ | WRITE, GPIO_TYPE, 0x07, 592),
  gpioGetValues: ioc(READ | WRITE, GPIO_TYPE, 0x0e, 16),
  gpioSetValues: ioc(READ | WRITE, GPIO_TYPE, 0x0f, 16),
  spiMode: ioc(WRITE, SPI_TYPE, 1, 1),
  spiBitsPerWord: ioc(WRITE, SPI_TYPE, 3, 1),
  spiMaxSpeedHz: ioc(WRITE, SPI_TYPE, 4, 4),
} as const;

/** Of any number of transfers: only the size is not fixed. */
export function isSpiMessage({ direction, type, nr }: RequestParts): boolean {
  return direction === WRITE && type === SPI_TYPE && nr === 0;
}

export function isSpi({ type }: RequestParts): boolean {
  return type === SPI_TYPE;
}
