import { z } from 'zod';
import type { Clock } from '../../hardware/index.js';
import { SimError } from '../errors.js';

/** AWS gives a hook five seconds. Source: AWS IoT developer guide, "Pre-provisioning hooks". */
const LIMIT_MS = 5_000;

const HookReplySchema = z.object({
  allowProvisioning: z.boolean(),
  parameterOverrides: z.record(z.string(), z.string()).optional(),
  reason: z.string().optional(),
});

/** What AWS tells a hook, payload version 2020-04-01. */
export interface HookRequest {
  readonly claimCertificateId: string;
  readonly certificateId: string;
  readonly certificatePem: string;
  readonly templateArn: string;
  readonly clientId: string;
  readonly parameters: Readonly<Record<string, string>>;
}

/** `reason` is ours: AWS hands no text on to the device. */
export type HookReply = z.infer<typeof HookReplySchema>;

/** Asked on every RegisterThing: a function, or an address that takes the request as JSON by POST. */
export type PreProvisioningHook =
  | ((request: HookRequest, signal: AbortSignal) => HookReply | Promise<HookReply>)
  | { readonly url: string; readonly headers?: Readonly<Record<string, string>> };

/**
 * Asks the hook, at most five seconds long; `delayMs` is how long its decision is under way.
 * @throws SimError `iot.hook-failed`
 */
export async function askHook(
  hook: PreProvisioningHook,
  request: HookRequest,
  { clock, signal, delayMs = 0 }: { clock: Clock; signal: AbortSignal; delayMs?: number | undefined },
): Promise<HookReply> {
  const over = new AbortController();
  const stop = () => over.abort(signal.reason);
  signal.addEventListener('abort', stop, { once: true });
  try {
    return await Promise.race([
      answerOf(hook, request, over.signal).then(async (reply) => {
        if (delayMs > 0) await clock.sleep(delayMs, over.signal);
        return reply;
      }),
      clock.sleep(LIMIT_MS, over.signal).then(() => {
        throw new SimError('iot.hook-failed', `no answer within ${LIMIT_MS} ms`);
      }),
    ]);
  } catch (cause) {
    if (cause instanceof SimError) throw cause;
    throw new SimError('iot.hook-failed', 'the hook failed', { cause });
  } finally {
    signal.removeEventListener('abort', stop);
    over.abort();
  }
}

async function answerOf(hook: PreProvisioningHook, request: HookRequest, signal: AbortSignal): Promise<HookReply> {
  if (typeof hook === 'function') return HookReplySchema.parse(await hook(request, signal));
  const response = await fetch(hook.url, {
    method: 'POST',
    headers: { ...hook.headers, 'content-type': 'application/json' },
    body: JSON.stringify(request),
    signal,
  });
  if (!response.ok) throw new SimError('iot.hook-failed', `the hook answered with status ${response.status}`);
  return HookReplySchema.parse(await response.json());
}
