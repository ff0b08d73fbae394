export { SimError, type SimErrorCode } from './errors.js';
export { type Home, takeHome } from './household/home.js';
export { type Household, type Product, startHousehold } from './household/household.js';
export type { HouseholdSettings } from './household/settings.js';
export { type Sent, type Stranger, type StrangersMessage, sha256Hex, stranger } from './household/stranger.js';
export { type IotCore, type IotCoreOptions, startIotCore } from './iot-core/iot-core.js';
export { type Departure, type NativeAnswer, Ntag213 } from './nfc/ntag213.js';
export { type ReaderFaults, SimNfcReader } from './nfc/sim-nfc-reader.js';
export { scaledClock, VirtualClock } from './virtual-clock.js';
