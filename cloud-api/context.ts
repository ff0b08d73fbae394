import type { Logger } from 'pino';
import type { SignerKeys, SunKeys } from '../provisioning/hw-id/index.js';
import type { WorkOrderKeys } from '../provisioning/work-order/index.js';
import type { Keys } from './auth/keys.js';
import type { Clock } from './clock.js';
import type { Database } from './database/database.js';
import type { Metrics } from './metrics.js';

/** What every module of the service is built from. */
export type CloudContext = {
  db: Database;
  clock: Clock;
  log: Logger;
  /** A new UUIDv7. */
  newId: () => string;
  randomBytes: (size: number) => Buffer;
  keys: Keys;
  metrics: Metrics;
  /** Says that AWS IoT has something to be told. */
  wakeIotTasks: () => void;
  settings: CloudSettings;
};

export type CloudSettings = {
  /** Base of every address that leaves this service, without a slash at its end. */
  publicUrl: string;
  /** Who may say in X-Forwarded-For for whom it asks; without any, each caller is who it connects as. */
  trustedProxies: readonly string[];
  /** Where assets lie. */
  dataDir: string;
  signerKeys: SignerKeys;
  workOrderKeys: WorkOrderKeys;
  /** By which tags that prove themselves are told; absent: none are taken. */
  sunKeys?: SunKeys | undefined;
  /** SHA-256 of the token of the pre-provisioning hook; null refuses every call. */
  hookTokenSha256: Buffer | null;
  /** SHA-256 of the operator's token; null refuses every call. */
  operatorTokenSha256: Buffer | null;
  provisioningLimits: ProvisioningLimits;
};

/** How often the hook may be asked within an hour. */
export type ProvisioningLimits = {
  perHardwarePerHour: number;
  perClaimCertificatePerHour: number;
  /** Of all together; above it operators are warned, and nobody is refused. */
  plannedPerHour: number;
};
