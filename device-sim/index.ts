export { SimError, type SimErrorCode } from './errors.js';
export { type Departure, type NativeAnswer, Ntag213 } from './nfc/ntag213.js';
export { type ReaderFaults, SimNfcReader } from './nfc/sim-nfc-reader.js';
