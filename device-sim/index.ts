export { type Home, takeHome } from './household/home.js';
export { type Household, startHousehold } from './household/household.js';
export { stranger } from './household/stranger.js';
export { startIotCore } from './iot-core/iot-core.js';
export { Ntag21x } from './nfc/ntag21x.js';
export { SimNfcReader } from './nfc/sim-nfc-reader.js';
export type { SimTag } from './nfc/sim-tag.js';
export { VirtualReader } from './nfc/virtual-reader.js';
export { scaledClock } from './virtual-clock.js';
