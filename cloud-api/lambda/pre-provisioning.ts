import { z } from 'zod';
import { LambdaError } from './errors.js';

/** What AWS IoT wants to hear of its hook. A refusal's reason stays in our log: AWS hands none on. */
export type LambdaAnswer = z.infer<typeof AnswerSchema>;

type Settings = { url: string; token: string; fetch: typeof fetch; limitMs?: number };

/** AWS gives a hook five seconds. Source: AWS IoT developer guide, "Pre-provisioning hooks". */
const LIMIT_MS = 4_000;

/** Who is let in without a name from us would be the thing that the device says it is. */
const AnswerSchema = z.discriminatedUnion('allowProvisioning', [
  z.object({ allowProvisioning: z.literal(true), parameterOverrides: z.object({ ThingName: z.string().min(1) }) }),
  z.object({ allowProvisioning: z.literal(false) }),
]);

/**
 * Hands what AWS IoT asks to the cloud API, and its answer back. Where the cloud gives none it fails: AWS then fails the
 * request, and the device asks again, while a refusal would send a technician.
 * @throws LambdaError `hook.undecided`
 */
export function preProvisioningHandler({ url, token, fetch, limitMs = LIMIT_MS }: Settings) {
  return async (event: unknown): Promise<LambdaAnswer> => {
    try {
      const response = await fetch(new URL('/v1/hooks/pre-provisioning', url), {
        method: 'POST',
        headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
        body: JSON.stringify(event),
        redirect: 'error',
        signal: AbortSignal.timeout(limitMs),
      });
      if (response.status !== 200) throw new LambdaError('hook.undecided', `the cloud said ${response.status}`);
      return AnswerSchema.parse(await response.json());
    } catch (cause) {
      if (cause instanceof LambdaError) throw cause;
      throw new LambdaError('hook.undecided', 'the cloud did not decide', { cause });
    }
  };
}
