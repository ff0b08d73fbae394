import { isIP } from 'node:net';
import { z } from 'zod';
import type { Tool } from '../command.js';
import { badOption, someText } from '../flags.js';
import { readInput } from '../input-files.js';
import { CloudClient, type Credential } from './cloud-client.js';

export const CLOUD_NAMES = ['cloud', 'operator-token-file'] as const;

/** Over plain HTTP a token goes to this machine only. */
const isPrivate = (text: string): boolean => {
  const { protocol, hostname } = new URL(text);
  const isHere =
    hostname === 'localhost' || hostname === '[::1]' || (isIP(hostname) === 4 && hostname.startsWith('127.'));
  return protocol === 'https:' || isHere;
};

export const cloudFlags = {
  cloud: z
    .url({ protocol: /^https?$/, error: 'is no address that begins with https://' })
    .refine((text) => !URL.canParse(text) || isPrivate(text), 'has to begin with https://')
    .optional(),
  'operator-token-file': someText().optional(),
};

export type CloudFlags = { cloud?: string | undefined; 'operator-token-file'?: string | undefined };

export const CLOUD_USAGE = `  --cloud URL             the cloud API
  --operator-token-file FILE
                          the operator's token; without it the work order speaks for the technician
`;

/**
 * The cloud that was named, with the operator's token or else the work order; undefined where none was named.
 * @throws ProvisioningError `tech.bad-option`, `tech.file-unreadable`
 */
export async function cloudFrom(
  tool: Pick<Tool, 'clock' | 'fetch'>,
  flags: CloudFlags,
  workOrderToken: string | undefined,
): Promise<CloudClient | undefined> {
  const { cloud, mayAsk } = await anyCloudFrom(tool, flags, workOrderToken);
  if (cloud !== undefined && !mayAsk) {
    throw badOption('--cloud: --operator-token-file or --work-order is needed with it');
  }
  return cloud;
}

/**
 * The same also where nobody speaks for the technician: `mayAsk` tells whether it answers more than that it is there.
 * @throws ProvisioningError `tech.bad-option`, `tech.file-unreadable`
 */
export async function anyCloudFrom(
  { clock, fetch }: Pick<Tool, 'clock' | 'fetch'>,
  { cloud: url, 'operator-token-file': tokenFile }: CloudFlags,
  workOrderToken: string | undefined,
): Promise<{ cloud: CloudClient | undefined; mayAsk: boolean }> {
  if (url === undefined) return { cloud: undefined, mayAsk: false };
  const credential = await credentialFrom(tokenFile, workOrderToken);
  return { cloud: new CloudClient({ url, credential, fetch, clock }), mayAsk: credential !== undefined };
}

async function credentialFrom(
  tokenFile: string | undefined,
  workOrder: string | undefined,
): Promise<Credential | undefined> {
  if (tokenFile === undefined) return workOrder === undefined ? undefined : { kind: 'work-order', token: workOrder };
  const token = (await readInput(tokenFile, "the operator's token")).trim();
  // Anything else could not stand in a header.
  if (!/^[\x21-\x7e]+$/.test(token)) throw badOption('--operator-token-file does not hold one token');
  return { kind: 'operator', token };
}
