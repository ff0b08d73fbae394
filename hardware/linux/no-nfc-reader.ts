import { HardwareError } from '../errors.js';
import type { NfcReader } from '../ports.js';

/** A machine without a reader: no tag ever lies on it. */
export const noNfcReader: NfcReader = {
  atr: async () => undefined,
  transmit: async () => {
    throw new HardwareError('nfc.no-tag', 'this machine has no tag reader');
  },
};
