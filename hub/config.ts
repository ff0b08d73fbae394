import { z } from 'zod';
import { HubError } from './errors.js';
import { USUAL_VIEWING_DISTANCE_MM } from './viewing-distance.js';

const path = z.string().min(1);
const port = z.coerce.number().int().min(0).max(65_535);
const seconds = z.coerce.number().int().positive();

/** Every setting of the hub. The table in the README is printed from it. */
export const HubConfigSchema = z
  .object({
    INKLET_HOST: z.string().min(1).default('127.0.0.1').describe('address on which the page and the local API answer'),
    INKLET_PORT: port.default(8080).describe('their port; 0 takes a free one'),
    INKLET_DATA_DIR: path.describe('folder for the database, frames, pictures and the identity'),
    INKLET_CLOUD_URL: z.url().optional().describe('the cloud API; without it the hub works on its own'),
    INKLET_IOT_ENDPOINT: z.string().min(1).optional().describe('host name of AWS IoT Core; goes with the cloud API'),
    INKLET_IOT_PORT: port.default(8883).describe('its port'),
    INKLET_MQTT_CLIENT: z
      .enum(['auto', 'aws', 'mqtt.js'])
      .default('auto')
      .describe(
        'library that speaks MQTT: `aws` is the AWS SDK, which `auto` takes where it runs, `mqtt.js` runs anywhere',
      ),
    INKLET_IOT_CA_FILE: path.optional().describe('PEM file with the CA of AWS IoT Core; goes with the cloud API'),
    INKLET_CLAIM_CERT_FILE: path.optional().describe('PEM file with the claim certificate, until the hub has its own'),
    INKLET_CLAIM_KEY_FILE: path.optional().describe('PEM file with its key, which is wiped after use'),
    INKLET_PROVISIONING_TEMPLATE: z.string().min(1).default('inklet-hub').describe('name of the provisioning template'),
    INKLET_SIGNER_KEYS_FILE: path.optional().describe('JSON file with the keys that may sign tags'),
    INKLET_HARDWARE_SOCKET: path
      .optional()
      .describe('Unix socket of a process that holds panel and tag reader; without it the panel is wired here'),
    INKLET_NFC: z
      .string()
      .min(1)
      .default('auto')
      .describe('tag reader of this machine: `auto`, `off`, or a part of its name where there are several'),
    INKLET_SPI_DEVICE: path.default('/dev/spidev0.0').describe('SPI bus to which the panel is wired'),
    INKLET_WIRING: z.enum(['waveshare', 'pimoroni']).default('waveshare').describe("maker of the panel's board"),
    INKLET_PANEL: z.string().min(1).default('7in5_V2').describe('id of the panel that is wired to this hub'),
    INKLET_PROFILE: z
      .string()
      .min(1)
      .optional()
      .describe(
        "profile of the panel's inks, as `inklet-panel test --card calibration` names them; the usual if absent",
      ),
    INKLET_VIEWING_DISTANCE_MM: z.coerce
      .number()
      .int()
      .min(100)
      .max(20_000)
      .default(USUAL_VIEWING_DISTANCE_MM)
      .describe('from how far the panel is read: the log tells of letters that are too small for it'),
    INKLET_PANEL_REST_S: z.coerce
      .number()
      .min(0)
      .optional()
      .describe("seconds for which the panel is left alone after a refresh; its maker's if absent"),
    INKLET_ROOM_TEMPERATURE_FILE: path
      .optional()
      .describe('file with the temperature beside the panel in thousandths of a degree; without it a room is assumed'),
    INKLET_TIME_ZONE: z
      .string()
      .refine(isTimeZone, 'is no time zone')
      .optional()
      .describe("time zone of the household, such as `Europe/Berlin`; the machine's if absent"),
    INKLET_HEARTBEAT_INTERVAL_S: seconds
      .default(60)
      .describe('seconds between two signs of life, until the cloud sets it'),
    INKLET_SYNC_INTERVAL_S: seconds
      .default(60)
      .describe('seconds between two exchanges when nothing happens, likewise'),
    INKLET_ROTATE_AFTER_DAYS: z.coerce
      .number()
      .min(0)
      .max(3650)
      .default(365)
      .describe('days after which the hub changes its key and certificate by itself, some of them earlier; 0: never'),
    INKLET_LOG_LEVEL: z
      .enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'])
      .default('info')
      .describe('the least important messages that are logged'),
  })
  .superRefine((settings, context) => {
    const together = [
      'INKLET_CLOUD_URL',
      'INKLET_IOT_ENDPOINT',
      'INKLET_IOT_CA_FILE',
      'INKLET_SIGNER_KEYS_FILE',
    ] as const;
    if (settings.INKLET_CLOUD_URL === undefined && settings.INKLET_IOT_ENDPOINT === undefined) return;
    for (const name of together) {
      if (settings[name] === undefined) {
        context.addIssue({ code: 'custom', path: [name], message: 'is needed to reach the cloud' });
      }
    }
  });

function isTimeZone(name: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }) !== undefined;
  } catch {
    return false;
  }
}

export type HubConfig = z.infer<typeof HubConfigSchema>;

/**
 * The settings from an environment; an empty one counts as absent.
 * @throws HubError `config.invalid` with every problem, by name
 */
export function readConfig(environment: Record<string, string | undefined>): HubConfig {
  const given = Object.entries(environment).filter(([name, value]) => name.startsWith('INKLET_') && value !== '');
  const parsed = HubConfigSchema.safeParse(Object.fromEntries(given));
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`);
  throw new HubError('config.invalid', problems.join('\n'));
}
