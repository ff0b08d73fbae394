import { jwtVerify, SignJWT } from 'jose';
import { z } from 'zod';
import { IdSchema } from '../../contract/index.js';
import type { CloudContext } from '../context.js';
import type { Person } from './principal.js';

/** The life of an access token, in seconds. */
export const ACCESS_TOKEN_LIFE_S = 15 * 60;

const ISSUER = 'inklet-cloud';
const AUDIENCE = 'inklet-portal';
const TYPE = 'at+jwt';

const ClaimsSchema = z.object({ sub: IdSchema, tid: IdSchema, sid: IdSchema, role: z.enum(['owner']) });

type TokenContext = Pick<CloudContext, 'keys' | 'clock'>;

export async function signAccessToken({ keys, clock }: TokenContext, person: Omit<Person, 'kind'>): Promise<string> {
  const issuedS = Math.floor(clock.now() / 1000);
  return new SignJWT({ tid: person.householdId, sid: person.sessionId, role: person.role })
    .setProtectedHeader({ alg: 'EdDSA', kid: keys.access.kid, typ: TYPE })
    .setSubject(person.accountId)
    .setIssuer(ISSUER)
    .setAudience(AUDIENCE)
    .setIssuedAt(issuedS)
    .setExpirationTime(issuedS + ACCESS_TOKEN_LIFE_S)
    .sign(keys.access.privateKey);
}

/** The person of a valid access token; undefined for whatever is wrong with it. */
export async function verifyAccessToken({ keys, clock }: TokenContext, token: string): Promise<Person | undefined> {
  try {
    const { payload } = await jwtVerify(token, keys.access.publicKey, {
      algorithms: ['EdDSA'],
      issuer: ISSUER,
      audience: AUDIENCE,
      typ: TYPE,
      requiredClaims: ['exp', 'iat'],
      currentDate: new Date(clock.now()),
    });
    const { sub, tid, sid, role } = ClaimsSchema.parse(payload);
    return { kind: 'person', accountId: sub, householdId: tid, sessionId: sid, role };
  } catch {
    return undefined;
  }
}
