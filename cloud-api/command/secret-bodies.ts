import { z } from 'zod';
import type { Keys } from '../auth/keys.js';
import type { SecretBodies } from './commands.js';

const StoredClaimSchema = z.looseObject({ requestId: z.string() });

/** Leaves claim codes out of the delivery log; they follow from the hub and its request, and come back when sent. */
export function claimSecrets(
  keys: Pick<Keys, 'derive'>,
  codes: { codeFor: (key: Buffer, hubId: string, requestId: string) => string; urlFor: (code: string) => string },
): SecretBodies {
  return {
    conceal: (kind, body) => {
      if (kind !== 'claim_code') return body;
      const { code: _, url: __, ...stored } = StoredClaimSchema.parse(body);
      return stored;
    },
    reveal: ({ hubId, kind, body }) => {
      if (kind !== 'claim_code') return body;
      const stored = StoredClaimSchema.parse(body);
      const code = codes.codeFor(keys.derive('claim-code'), hubId, stored.requestId);
      return { ...stored, code, url: codes.urlFor(code) };
    },
  };
}
