import { createPublicKey } from 'node:crypto';
import { and, eq, isNull } from 'drizzle-orm';
import { decodeProtectedHeader, jwtVerify } from 'jose';
import {
  DEVICE_TOKEN_AUDIENCE,
  DEVICE_TOKEN_MAX_AGE_S,
  DeviceTokenClaimsSchema,
  DeviceTokenHeaderSchema,
} from '../../contract/index.js';
import type { HubCaller } from '../auth/principal.js';
import type { CloudContext } from '../context.js';
import { asSystem } from '../database/database.js';
import { certificate, hub } from './tables.js';

/** How far a hub's clock may be off, either way. */
const CLOCK_TOLERANCE_S = 60;

/** The hub that signed this device token with the key of a live certificate; undefined for whatever is wrong with it. */
export async function verifyDeviceToken(
  { db, clock }: Pick<CloudContext, 'db' | 'clock'>,
  token: string,
): Promise<HubCaller | undefined> {
  const certificateId = keyIdOf(token);
  if (certificateId === undefined) return undefined;
  const now = new Date(clock.now());
  return asSystem(db, async (tx) => {
    const [row] = await tx
      .select({
        publicKeyPem: certificate.publicKeyPem,
        firstUsedAt: certificate.firstUsedAt,
        hubId: hub.id,
        thingName: hub.thingName,
        householdId: hub.householdId,
      })
      .from(certificate)
      .innerJoin(hub, eq(hub.id, certificate.hubId))
      .where(and(eq(certificate.id, certificateId), isNull(certificate.revokedAt)));
    if (row === undefined || !(await isSigned(token, row, now))) return undefined;
    if (row.firstUsedAt === null) {
      await tx.update(certificate).set({ firstUsedAt: now }).where(eq(certificate.id, certificateId));
    }
    const { hubId, thingName, householdId } = row;
    return { kind: 'hub', hubId, thingName, householdId, certificateId };
  });
}

function keyIdOf(token: string): string | undefined {
  try {
    return DeviceTokenHeaderSchema.parse(decodeProtectedHeader(token)).kid;
  } catch {
    return undefined;
  }
}

async function isSigned(token: string, row: { publicKeyPem: string; thingName: string }, now: Date): Promise<boolean> {
  try {
    const key = createPublicKey(row.publicKeyPem);
    const { payload } = await jwtVerify(token, key, {
      // By the key, and not by what the token says of itself.
      algorithms: [key.asymmetricKeyType === 'rsa' ? 'RS256' : 'ES256'],
      audience: DEVICE_TOKEN_AUDIENCE,
      subject: row.thingName,
      maxTokenAge: DEVICE_TOKEN_MAX_AGE_S,
      clockTolerance: CLOCK_TOLERANCE_S,
      currentDate: now,
    });
    const { iat, exp } = DeviceTokenClaimsSchema.parse(payload);
    return exp - iat <= DEVICE_TOKEN_MAX_AGE_S;
  } catch {
    return false;
  }
}
