import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { LambdaError } from './errors.js';

const EnvironmentSchema = z.object({
  INKLET_CLOUD_URL: z.url({ protocol: /^https$/ }),
  INKLET_HOOK_TOKEN_FILE: z.string().min(1),
});

/**
 * Where the cloud is, and the hook's token, which the environment names a file of and does not hold: who may look at a
 * function's configuration sees its environment.
 * @throws LambdaError `config.invalid`
 */
export function settingsFrom(environment: Record<string, string | undefined>): { url: string; token: string } {
  const given = EnvironmentSchema.safeParse(environment);
  if (!given.success) throw new LambdaError('config.invalid', z.prettifyError(given.error));
  const { INKLET_CLOUD_URL: url, INKLET_HOOK_TOKEN_FILE: path } = given.data;
  return { url, token: readToken(path) };
}

function readToken(path: string): string {
  const token = readWhole(path).trim();
  if (token === '') throw new LambdaError('config.invalid', `INKLET_HOOK_TOKEN_FILE: ${path} is empty`);
  return token;
}

function readWhole(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (cause) {
    throw new LambdaError('config.invalid', `INKLET_HOOK_TOKEN_FILE: ${path} cannot be read`, { cause });
  }
}
