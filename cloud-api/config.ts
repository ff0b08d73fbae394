import { z } from 'zod';
import { BACKEND_CLIENT_ID } from '../contract/index.js';
import { CloudError } from './errors.js';

const FileSchema = z.string().min(1);
const PortSchema = z.coerce.number().int().min(0).max(65_535);
const LimitSchema = z.coerce.number().int().min(1);

/** The settings of the cloud API, from the environment. */
export const CloudConfigSchema = z
  .object({
    INKLET_HOST: z.string().min(1).default('127.0.0.1').describe('address to listen on'),
    INKLET_PORT: PortSchema.default(3000).describe('port to listen on; 0 takes a free one'),
    INKLET_PUBLIC_URL: z
      .url({ protocol: /^https?$/ })
      .transform((url) => url.replace(/\/+$/, ''))
      .optional()
      .describe('base of the addresses that this service gives out; absent: http://127.0.0.1 and the port'),
    INKLET_TRUSTED_PROXIES: z
      .string()
      .transform((list) => list.split(',').map((address) => address.trim()))
      .pipe(z.array(z.union([z.ipv4(), z.ipv6(), z.cidrv4(), z.cidrv6()])))
      .optional()
      .describe('addresses or networks of proxies whose X-Forwarded-For is believed, commas between; absent: none'),
    INKLET_DATA_DIR: z.string().min(1).describe('folder of the embedded database, the assets and the keys'),
    INKLET_DATABASE_URL: z
      .url({ protocol: /^postgres(ql)?$/ })
      .optional()
      .describe('PostgreSQL to use; absent: the embedded database'),
    INKLET_IOT_ENDPOINT: z.string().min(1).optional().describe('host of AWS IoT Core; absent: no link to hubs'),
    INKLET_IOT_PORT: PortSchema.default(8883).describe('port of AWS IoT Core'),
    INKLET_IOT_CA_FILE: FileSchema.optional().describe('file with the certificate authority of AWS IoT Core'),
    INKLET_IOT_CERT_FILE: FileSchema.optional().describe("file with this service's certificate"),
    INKLET_IOT_KEY_FILE: FileSchema.optional().describe("file with the certificate's private key"),
    INKLET_IOT_CLIENT_ID: z
      .string()
      .min(1)
      .max(128)
      .default(BACKEND_CLIENT_ID)
      .describe('MQTT client id, one per instance'),
    INKLET_IOT_SHARED_GROUP: z
      .string()
      .regex(/^[^/+#]+$/)
      .optional()
      .describe('name under which several instances share the messages; absent: no sharing'),
    INKLET_IOT_CONTROL_REGION: z
      .string()
      .min(1)
      .optional()
      .describe(
        'AWS region in which replaced certificates are deactivated, by the credentials that the AWS SDK finds; absent: they stay active at AWS IoT',
      ),
    INKLET_IOT_CONTROL_ENDPOINT: z
      .url({ protocol: /^https?$/ })
      .optional()
      .describe("address of AWS IoT's control API; absent: that of the region"),
    INKLET_HOOK_TOKEN_FILE: FileSchema.optional().describe(
      'file with the token of the pre-provisioning hook; absent: refused',
    ),
    INKLET_OPERATOR_TOKEN_FILE: FileSchema.optional().describe("file with the operator's token; absent: refused"),
    INKLET_SIGNER_KEYS_FILE: FileSchema.optional().describe(
      'file with the public keys that may sign hardware ids; absent: none',
    ),
    INKLET_WORK_ORDER_KEYS_FILE: FileSchema.optional().describe(
      'file with the public keys that may sign work orders of technicians; absent: none',
    ),
    INKLET_HARDWARE_TRIES_PER_HOUR: LimitSchema.default(10).describe(
      'how often one hardware id may ask for a certificate, and as often again for the next one',
    ),
    INKLET_CLAIM_CERTIFICATE_TRIES_PER_HOUR: LimitSchema.default(200).describe(
      'how often a certificate may be asked for by one claim certificate, which a production line shares',
    ),
    INKLET_PROVISIONING_PLANNED_PER_HOUR: LimitSchema.default(500).describe(
      'how many certificates are expected to be asked for; above it the log warns',
    ),
    INKLET_EVENT_RETENTION_DAYS: LimitSchema.default(400).describe(
      'for how many days what happened on hubs is kept; whole days go at once',
    ),
    INKLET_SUN_KEYS_FILE: FileSchema.optional().describe(
      'file with the keys of tags that prove themselves at each read; absent: none are taken',
    ),
    INKLET_LOG_LEVEL: z
      .enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'])
      .default('info')
      .describe('least level that is logged'),
  })
  .superRefine((config, context) => {
    if (config.INKLET_IOT_CONTROL_ENDPOINT !== undefined && config.INKLET_IOT_CONTROL_REGION === undefined) {
      const path = ['INKLET_IOT_CONTROL_REGION'];
      context.addIssue({ code: 'custom', path, message: 'needed with INKLET_IOT_CONTROL_ENDPOINT' });
    }
    if (config.INKLET_IOT_ENDPOINT === undefined) return;
    for (const name of ['INKLET_IOT_CA_FILE', 'INKLET_IOT_CERT_FILE', 'INKLET_IOT_KEY_FILE'] as const) {
      if (config[name] === undefined)
        context.addIssue({ code: 'custom', path: [name], message: 'needed with INKLET_IOT_ENDPOINT' });
    }
  });

export type CloudConfig = z.infer<typeof CloudConfigSchema>;

/** Reads the settings; an empty variable counts as absent. @throws CloudError `config.invalid` naming every problem */
export function readConfig(environment: Record<string, string | undefined>): CloudConfig {
  const given = Object.fromEntries(
    Object.entries(environment).filter(([, value]) => value !== undefined && value !== ''),
  );
  const parsed = CloudConfigSchema.safeParse(given);
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`);
  throw new CloudError('config.invalid', problems.join('; '), { problems });
}
