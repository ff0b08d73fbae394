import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { LambdaError } from './errors.js';
import { preProvisioningHandler } from './pre-provisioning.js';

const EnvironmentSchema = z
  .object({
    INKLET_CLOUD_URL: z.url({ protocol: /^https$/ }),
    INKLET_HOOK_TOKEN: z.string().min(1).optional(),
    INKLET_HOOK_TOKEN_FILE: z.string().min(1).optional(),
  })
  .refine((given) => given.INKLET_HOOK_TOKEN !== undefined || given.INKLET_HOOK_TOKEN_FILE !== undefined, {
    message: 'INKLET_HOOK_TOKEN or INKLET_HOOK_TOKEN_FILE is needed',
  });

/** AWS Lambda's entry: the pre-provisioning hook of the fleet provisioning templates. */
export const handler = preProvisioningHandler({ ...settingsFrom(process.env), fetch });

function settingsFrom(environment: NodeJS.ProcessEnv): { url: string; token: string } {
  const given = EnvironmentSchema.safeParse(environment);
  if (!given.success) throw new LambdaError('config.invalid', z.prettifyError(given.error));
  const { INKLET_CLOUD_URL: url, INKLET_HOOK_TOKEN: token, INKLET_HOOK_TOKEN_FILE: file } = given.data;
  return { url, token: token ?? readFileSync(file ?? '', 'utf8').trim() };
}
