import { z } from 'zod';
import { CertificateIdSchema } from './certificates.js';
import { ThingNameSchema } from './fields.js';

/** The longest life of a device token, in seconds. */
export const DEVICE_TOKEN_MAX_AGE_S = 300;

/** The audience that a device token names: the cloud API for hubs. */
export const DEVICE_TOKEN_AUDIENCE = 'inklet-cloud';

/** The header of the JWT with which a hub proves itself to the cloud; `kid` is the AWS IoT certificate id. */
export const DeviceTokenHeaderSchema = z.object({
  alg: z.enum(['ES256', 'RS256']).describe("ES256, or RS256 where the certificate's key is RSA"),
  kid: CertificateIdSchema,
});

/** Its claims: `sub` is the thing name, `exp` at most five minutes after `iat`. */
export const DeviceTokenClaimsSchema = z.object({
  sub: ThingNameSchema,
  aud: z.literal(DEVICE_TOKEN_AUDIENCE),
  iat: z.number().int(),
  exp: z.number().int(),
});
