import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import type { Logger } from 'pino';
import type { Clock } from '../../hardware/index.js';
import { SimError } from '../errors.js';
import { takeFolderLock } from '../folder-lock.js';
import { startAdminDoor } from './admin-door.js';
import type { Credentials } from './certificate-authority.js';
import { startControlDoor } from './control-door.js';
import { writeDurably } from './durable-file.js';
import { startIotCore } from './iot-core.js';
import type { StandInOptions } from './options.js';
import { AWS_RATES } from './rates.js';

const HOST = '127.0.0.1';
const TOKEN_BYTES = 24;

/** Where to find everything, for people and for programs. */
export interface StandInAddress {
  readonly host: string;
  readonly port: number;
  readonly caFile: string;
  readonly claimCertFile: string;
  readonly claimKeyFile: string;
  readonly backendCertFile: string;
  readonly backendKeyFile: string;
  readonly adminUrl: string;
  readonly adminTokenFile: string;
  /** AWS IoT's control API, for the AWS SDK and any signature. */
  readonly controlUrl: string;
}

/**
 * Starts the stand-in with its files and its admin door; what is in the folder already is taken up again.
 * @throws SimError `iot.dir-in-use`, `iot.port-taken`, `iot.state-unreadable`
 */
export async function startStandIn(
  options: Pick<StandInOptions, 'port' | 'adminPort' | 'controlPort' | 'dir' | 'denied' | 'rates' | 'jobEvents'>,
  { clock, log }: { clock: Clock; log: Logger },
): Promise<{ address: StandInAddress; stop(): Promise<void> }> {
  const dir = path.resolve(options.dir);
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  const release = await lock(dir);
  try {
    const { address, stop } = await startLocked(dir, options, { clock, log });
    return {
      address,
      stop: async () => {
        await stop();
        await release();
      },
    };
  } catch (error) {
    await release();
    throw error;
  }
}

/** Two processes that keep the same files would undo each other's changes. */
function lock(dir: string): Promise<() => Promise<void>> {
  return takeFolderLock(
    path.join(dir, 'iot-core.lock'),
    (holder) => new SimError('iot.dir-in-use', `${holder} keeps its state in ${dir}; stop it or give --dir`),
  );
}

async function startLocked(
  dir: string,
  options: Parameters<typeof startStandIn>[0],
  { clock, log }: Parameters<typeof startStandIn>[1],
): ReturnType<typeof startStandIn> {
  const { denied: onDenied, port } = options;
  const jobEvents = options.jobEvents === 'on';
  const rates = options.rates === 'aws' ? AWS_RATES : {};
  const iotCore = { dir, host: HOST, port, clock, log, onDenied, rates, jobEvents };
  const core = await onPort('--port', () => startIotCore(iotCore));
  const parts: { stop(): Promise<void> }[] = [core];
  const stop = async () => {
    for (const part of parts.splice(0).reverse()) await part.stop();
  };
  try {
    const claim = await credentialFiles(dir, 'claim', () => core.admin.createClaimCertificate());
    const backend = await credentialFiles(dir, 'backend', () => core.admin.createBackendCertificate());
    const adminTokenFile = path.join(dir, 'admin-token');
    if (!existsSync(adminTokenFile)) writeDurably(adminTokenFile, randomBytes(TOKEN_BYTES).toString('base64url'));
    const token = readFileSync(adminTokenFile, 'utf8').trim();
    const { adminPort, controlPort } = options;
    const door = await onPort('--admin-port', () => startAdminDoor(core.admin, { port: adminPort, token, log }));
    parts.push(door);
    const control = await onPort('--control-port', () => startControlDoor(core.admin, { port: controlPort }));
    parts.push(control);
    const address = {
      host: HOST,
      port: core.port,
      caFile: core.caFile,
      claimCertFile: claim.certFile,
      claimKeyFile: claim.keyFile,
      backendCertFile: backend.certFile,
      backendKeyFile: backend.keyFile,
      adminUrl: door.url,
      adminTokenFile,
      controlUrl: control.url,
    };
    return { address, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function onPort<T>(flag: string, listen: () => Promise<T>): Promise<T> {
  try {
    return await listen();
  } catch (cause) {
    if (!(cause instanceof Error) || !('code' in cause) || cause.code !== 'EADDRINUSE') throw cause;
    throw new SimError('iot.port-taken', `${cause.message}; stop who has it or give ${flag}`, { cause });
  }
}

/** The certificate is written last: its presence says that both are there. */
async function credentialFiles(
  dir: string,
  name: string,
  make: () => Promise<Credentials>,
): Promise<{ certFile: string; keyFile: string }> {
  const certFile = path.join(dir, `${name}.crt`);
  const keyFile = path.join(dir, `${name}.key`);
  if (!existsSync(certFile)) {
    const { certPem, keyPem } = await make();
    writeDurably(keyFile, keyPem);
    writeDurably(certFile, certPem);
  }
  return { certFile, keyFile };
}
