import type { IotCoreAdmin } from '../iot-core/admin.js';
import type { Credentials } from '../iot-core/certificate-authority.js';
import { type Home, readIfThere, secretFile, writePrivate } from './home.js';

/** The files that the two products are given, as paths: certificates, keys and shared secrets. */
export type Credential = { certFile: string; keyFile: string };

export type HouseholdCredentials = {
  /** What the factory put on the hub's card. */
  claim: Credential;
  /** The cloud's own client. */
  backend: Credential;
  hookToken: string;
  hookTokenFile: string;
  operatorToken: string;
  operatorTokenFile: string;
};

/** Makes on first use whatever is missing. */
export async function openCredentials(home: Home, admin: IotCoreAdmin): Promise<HouseholdCredentials> {
  const hookTokenFile = home.path('secrets', 'hook-token');
  const operatorTokenFile = home.path('secrets', 'operator-token');
  return {
    claim: await credential(home, 'claim', () => admin.createClaimCertificate()),
    backend: await credential(home, 'backend', () => admin.createBackendCertificate()),
    hookToken: await secretFile(hookTokenFile),
    hookTokenFile,
    operatorToken: await secretFile(operatorTokenFile),
    operatorTokenFile,
  };
}

/** A hub wipes its claim key once it is provisioned, so that a missing key beside its certificate is left missing. */
async function credential(home: Home, name: string, make: () => Promise<Credentials>): Promise<Credential> {
  const certFile = home.path('secrets', `${name}.crt`);
  const keyFile = home.path('secrets', `${name}.key`);
  if ((await readIfThere(certFile)) === undefined) {
    const { certPem, keyPem } = await make();
    await writePrivate(keyFile, keyPem);
    await writePrivate(certFile, certPem);
  }
  return { certFile, keyFile };
}
