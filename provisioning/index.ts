export { signDeviceToken } from './fleet/device-token.js';
export type { ClaimCertificate } from './fleet/iot-claim-link.js';
export { type HubIdentity, KeyStore } from './fleet/key-store.js';
export { provisionHub } from './fleet/provision-hub.js';
export {
  diversifiedKey,
  HwIdSchema,
  type SignerKeys,
  SignerKeysSchema,
  signHwId,
  sunIn,
  sunMac,
  TagUidSchema,
  thingNameFor,
  verifyHwId,
  verifySun,
} from './hw-id/index.js';
export { readSignedTag, type SignedTag, writeSignedTag } from './signed-tag.js';
