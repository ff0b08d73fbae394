import { parseArgs } from 'node:util';
import { z } from 'zod';
import { SimError } from '../errors.js';

export const USAGE = `The IoT Core stand-in alone: MQTT 5 and 3.1.1 over mutual TLS on this machine, with provisioning, shadows and jobs.

  npm run iot-core                    stays up; Ctrl-C stops it

  --port N         where devices connect (8883); 0 takes a free one
  --admin-port N   where the admin door is (8884); 0 takes a free one
  --control-port N where AWS IoT's control API is (8885); 0 takes a free one
  --dir DIR        where authority, certificates, things, shadows and jobs live (.iot-core)
  --denied HOW     how MQTT 5 clients learn that a policy denies: reason-code, or disconnect (reason-code)
  --rates HOW      what is one too many, publishes and connects in a second: aws, or none (aws)
  --json           one line of JSON on standard output, nothing else
  --help           this text
`;

const PortSchema = z
  .string()
  .regex(/^\d+$/, 'is not a whole number')
  .transform(Number)
  .pipe(z.number().max(65_535, 'is above 65535'));

const FlagsSchema = z.object({
  port: PortSchema.default(8883),
  'admin-port': PortSchema.default(8884),
  'control-port': PortSchema.default(8885),
  dir: z.string().min(1, 'names no folder').default('.iot-core'),
  denied: z.enum(['reason-code', 'disconnect'], 'is reason-code or disconnect').default('reason-code'),
  rates: z.enum(['aws', 'none'], 'is aws or none').default('aws'),
  json: z.boolean().default(false),
  help: z.boolean().default(false),
});

export interface StandInOptions {
  readonly port: number;
  readonly adminPort: number;
  readonly controlPort: number;
  readonly dir: string;
  readonly denied: 'reason-code' | 'disconnect';
  readonly rates: 'aws' | 'none';
  readonly json: boolean;
}

/**
 * Parses the command line; undefined if the person asked for help.
 * @throws SimError `iot.bad-option` naming every flag that is wrong.
 */
export function parseStandInOptions(argv: readonly string[]): StandInOptions | undefined {
  const flags = FlagsSchema.safeParse(readFlags(argv));
  if (!flags.success) {
    const problems = flags.error.issues.map((issue) => `--${issue.path.join('.')} ${issue.message}`);
    throw new SimError('iot.bad-option', problems.join('; '));
  }
  const { 'admin-port': adminPort, 'control-port': controlPort, help, ...options } = flags.data;
  return help ? undefined : { ...options, adminPort, controlPort };
}

function readFlags(argv: readonly string[]): Record<string, unknown> {
  const text = { type: 'string' } as const;
  const yes = { type: 'boolean' } as const;
  const ports = { port: text, 'admin-port': text, 'control-port': text };
  const options = { ...ports, dir: text, denied: text, rates: text, json: yes, help: yes };
  try {
    return parseArgs({ args: [...argv], strict: true, allowPositionals: false, options }).values;
  } catch (cause) {
    throw new SimError('iot.bad-option', cause instanceof Error ? cause.message : String(cause), { cause });
  }
}
