import { constants } from 'node:os';
import { getSystemErrorName } from 'node:util';
import { HardwareError, type HardwareErrorCode } from '../errors.js';

const { EACCES, EBUSY, EINVAL, EMSGSIZE, ENODEV, ENOENT, ENXIO, EPERM } = constants.errno;
/** Of a device whose driver let go of it; Node's table has no number for it. */
const ESHUTDOWN = 108;

/** What was asked of the kernel, for its refusal to be understood. */
export interface Attempt {
  /** As in "cannot ...". */
  readonly what: string;
  readonly path: string;
  /** What to do if the device is not there at all. */
  readonly ifMissing?: string;
}

/**
 * The number that the kernel answered, if it is no refusal.
 * @throws HardwareError `linux.no-device`, `linux.no-permission`, `linux.device-gone`, `linux.message-too-long`,
 * `linux.refused`
 */
export function checked(answer: number, { what, path, ifMissing }: Attempt): number {
  if (answer >= 0) return answer;
  const errno = -answer;
  const refused = `cannot ${what} (${getSystemErrorName(answer)})`;
  const advice = errno === ENOENT ? ifMissing : ADVICE[errno];
  throw new HardwareError(CODES[errno] ?? 'linux.refused', `${path}: ${refused}${advice ? `; ${advice}` : ''}`);
}

export function isInvalid(answer: number): boolean {
  return answer === -EINVAL;
}

export function isHeld(answer: number): boolean {
  return answer === -EBUSY;
}

const CODES: Readonly<Record<number, HardwareErrorCode>> = {
  [ENOENT]: 'linux.no-device',
  [EACCES]: 'linux.no-permission',
  [EPERM]: 'linux.no-permission',
  [ENODEV]: 'linux.device-gone',
  [ENXIO]: 'linux.device-gone',
  [ESHUTDOWN]: 'linux.device-gone',
  [EMSGSIZE]: 'linux.message-too-long',
};

const GROUPS = 'add the user to the groups spi and gpio (sudo usermod -aG spi,gpio USER), then sign in again';
const ADVICE: Readonly<Record<number, string>> = {
  [EACCES]: GROUPS,
  [EPERM]: GROUPS,
};
