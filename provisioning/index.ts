export { ProvisioningError, type ProvisioningErrorCode } from './errors.js';
export { signDeviceToken } from './fleet/device-token.js';
export type { ClaimCertificate, IotEndpoint } from './fleet/iot-claim-link.js';
export { type HubIdentity, KeyStore } from './fleet/key-store.js';
export { type ProvisionHubDeps, provisionHub } from './fleet/provision-hub.js';
export type { DeviceConfiguration } from './fleet/state.js';
export {
  type DecodedHwIdPayload,
  decodeHwIdPayload,
  encodeHwIdPayload,
  HW_ID_PAYLOAD_BYTES,
  type HwIdPayload,
  type HwIdProof,
  HwIdProofSchema,
  type HwIdRefusal,
  HwIdSchema,
  type HwIdVerdict,
  type SignerKeys,
  SignerKeysSchema,
  signHwId,
  TagUidSchema,
  thingNameFor,
  verifyHwId,
} from './hw-id/index.js';
export { readSignedTag, type SignedTag, writeSignedTag } from './signed-tag.js';
