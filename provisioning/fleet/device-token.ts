import { importPKCS8, SignJWT } from 'jose';
import { DEVICE_TOKEN_AUDIENCE, DEVICE_TOKEN_MAX_AGE_S } from '../../contract/index.js';
import type { Clock } from '../../hardware/index.js';
import type { HubIdentity } from './key-store.js';

/** A JWT (ES256) that proves to the cloud for five minutes who a hub is. */
export async function signDeviceToken(
  { thingName, certificateId, keyPem }: Pick<HubIdentity, 'thingName' | 'certificateId' | 'keyPem'>,
  clock: Pick<Clock, 'now'>,
): Promise<string> {
  const nowS = Math.floor(clock.now() / 1000);
  return await new SignJWT()
    .setProtectedHeader({ alg: 'ES256', kid: certificateId })
    .setSubject(thingName)
    .setAudience(DEVICE_TOKEN_AUDIENCE)
    .setIssuedAt(nowS)
    .setExpirationTime(nowS + DEVICE_TOKEN_MAX_AGE_S)
    .sign(await importPKCS8(keyPem, 'ES256'));
}
