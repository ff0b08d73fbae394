import { parseArgs } from 'node:util';
import { z } from 'zod';
import { SimError } from '../errors.js';
import type { HouseholdPorts } from './ports.js';

/** What the person who starts the household asked for. */
export type HouseholdOptions = {
  /** Send one message, wait for its proof, and leave. */
  once: { text: string } | { imageFile: string } | undefined;
  panel: string;
  home: string;
  /** Cloud, hub, glass page and IoT Core stand-in, in this order from here on; undefined: see {@link portsFor}. */
  portBase: number | undefined;
  json: boolean;
  fresh: boolean;
};

export const USAGE = `Inklet: a whole household on this machine, with real protocols and simulated hardware.

  npm start                           stays up; Ctrl-C stops it
  npm start -- --once "TEXT"          sends a text to the glass, waits for its proof, and leaves
  npm start -- --image FILE           the same with a picture (PNG, JPEG, GIF, WebP, AVIF or TIFF)

  --panel ID       the panel on the wall (7in5_V2)
  --home DIR       where the household lives (.inklet)
  --port-base N    cloud on N, hub on N+1, glass on N+2, IoT Core stand-in on N+3
  --fresh          begin again with a new household
  --json           one line of JSON on standard output, nothing else
  --help           this text
`;

/** Below it, a port is for root alone. */
const LOWEST_PORT = 1024;
/** The last of four ports is 65535. */
const HIGHEST_BASE = 65_532;
const DEFAULT_PORTS: HouseholdPorts = { cloud: 3000, hub: 8080, glass: 8081, iotCore: 8883 };
const FREE_PORTS: HouseholdPorts = { cloud: 0, hub: 0, glass: 0, iotCore: 0 };

const FlagsSchema = z
  .object({
    once: z.string().optional(),
    image: z.string().min(1, 'names no file').optional(),
    panel: z.string().min(1, 'names no panel').default('7in5_V2'),
    home: z.string().min(1, 'names no folder').default('.inklet'),
    'port-base': z
      .string()
      .regex(/^\d+$/, 'is not a whole number')
      .transform(Number)
      .pipe(z.number().min(LOWEST_PORT, `is below ${LOWEST_PORT}`).max(HIGHEST_BASE, `is above ${HIGHEST_BASE}`))
      .optional(),
    json: z.boolean().default(false),
    fresh: z.boolean().default(false),
    help: z.boolean().default(false),
  })
  .refine((flags) => flags.once === undefined || flags.image === undefined, {
    message: 'cannot go with --image',
    path: ['once'],
  });

/**
 * Parses the command line; undefined if the person asked for help.
 * @throws SimError `household.bad-option` naming every flag that is wrong.
 */
export function parseOptions(argv: readonly string[]): HouseholdOptions | undefined {
  const flags = FlagsSchema.safeParse(readFlags(argv));
  if (!flags.success) {
    const problems = flags.error.issues.map((issue) => `--${issue.path.join('.')} ${issue.message}`);
    throw new SimError('household.bad-option', problems.join('; '));
  }
  const { once, image, panel, home, json, fresh, help } = flags.data;
  if (help) return undefined;
  const message = image !== undefined ? { imageFile: image } : once !== undefined ? { text: once } : undefined;
  return { once: message, panel, home, portBase: flags.data['port-base'], json, fresh };
}

/** The ports of the parts: from the base if there is one, free ones for a single message, else the usual ones. */
export function portsFor({ portBase, once }: Pick<HouseholdOptions, 'portBase' | 'once'>): HouseholdPorts {
  if (portBase !== undefined) {
    return { cloud: portBase, hub: portBase + 1, glass: portBase + 2, iotCore: portBase + 3 };
  }
  return once === undefined ? DEFAULT_PORTS : FREE_PORTS;
}

function readFlags(argv: readonly string[]): Record<string, unknown> {
  try {
    return parseArgs({
      args: [...argv],
      strict: true,
      allowPositionals: false,
      options: {
        once: { type: 'string' },
        image: { type: 'string' },
        panel: { type: 'string' },
        home: { type: 'string' },
        'port-base': { type: 'string' },
        json: { type: 'boolean' },
        fresh: { type: 'boolean' },
        help: { type: 'boolean' },
      },
    }).values;
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new SimError('household.bad-option', reason, { cause });
  }
}
