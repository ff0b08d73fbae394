export { ProvisioningError, type ProvisioningErrorCode } from './errors.js';
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
