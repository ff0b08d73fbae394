export { type Home, takeHome } from './household/home.js';
export { type Household, startHousehold } from './household/household.js';
export { stranger } from './household/stranger.js';
export { startIotCore } from './iot-core/iot-core.js';
export { Ntag213 } from './nfc/ntag213.js';
export { SimNfcReader } from './nfc/sim-nfc-reader.js';
export { scaledClock } from './virtual-clock.js';
