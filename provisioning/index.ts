export { ProvisioningError } from './errors.js';
export type { ClaimRequests } from './fleet/claim-link.js';
/** Fleet provisioning on a connection that stands, such as a hub's own. */
export { claimRequestsOn } from './fleet/claim-requests.js';
export { signDeviceToken } from './fleet/device-token.js';
export type { ClaimCertificate } from './fleet/iot-claim-link.js';
export { type HubIdentity, KeyStore } from './fleet/key-store.js';
export { provisionHub } from './fleet/provision-hub.js';
export type { ProvisioningState } from './fleet/state.js';
export type { ProvisioningListener, ProvisioningStep } from './fleet/step.js';
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
/** Asks a service behind the broker by topics, and gives its answer. */
export { ask } from './mqtt/ask.js';
export type { MqttClientChoice } from './mqtt/choose-adapter.js';
export type { MqttHandler } from './mqtt/message-routes.js';
export type { MqttMessage } from './mqtt/mqtt-adapter.js';
export type { MqttChannel, MqttSession } from './mqtt/mqtt-session.js';
export { openMqttSession } from './mqtt/open-mqtt-session.js';
export { rotateHub } from './rotation/rotate-hub.js';
export type { Move, RotatingLink, RotationCloud, RotationDeps } from './rotation/rotation-ports.js';
export type { Rotated, Rotation, RotationFailure, RotationOrder, RotationOutcome } from './rotation/rotation-state.js';
export { readSignedTag, type SignedTag, writeSignedTag } from './signed-tag.js';
