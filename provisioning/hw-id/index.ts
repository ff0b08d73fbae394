export { diversifiedKey } from './aes-cmac.js';
export {
  decodeHwIdPayload,
  encodeHwIdPayload,
  HW_ID_PAYLOAD_BYTES,
  type HwIdPayload,
  HwIdSchema,
  LANDING_PAGE,
  landingLink,
  PublicHandleSchema,
  publicHandleFor,
  TagUidSchema,
  thingNameFor,
} from './payload.js';
export {
  type HwIdProof,
  type HwIdRefusal,
  type SignerKeys,
  SignerKeysSchema,
  signHwId,
  verifyHwId,
} from './signature.js';
export { SunKeyFileSchema, type SunKeys, sunIn, sunKeysOf, sunMac, verifySun } from './sun.js';
