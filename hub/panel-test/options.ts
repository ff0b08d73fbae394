import { parseArgs } from 'node:util';
import { z } from 'zod';
import { HubError } from '../errors.js';
import { wrongFlags } from '../wrong-flags.js';

export type PanelTestOptions = {
  panel: string;
  wiring: 'waveshare' | 'pimoroni';
  spiDevice: string;
  socket: string | undefined;
  partials: number;
  card: 'test' | 'calibration';
};

export const USAGE = `Draws a test card on a panel: alignment frame, inks, steps of grey, small text, and a counter of partial refreshes.
Where the glass has four greys, a card in them comes first. The calibration card shows one picture as each known
profile of the panel's inks dithers it: the name over the best is what INKLET_PROFILE takes.

  inklet-panel test --panel ID

  --panel ID       the panel that is wired (7in5_V2)
  --wiring BOARD   waveshare or pimoroni (waveshare)
  --spi DEVICE     the SPI bus (/dev/spidev0.0)
  --socket PATH    a process that holds the panel, instead of this machine
  --partials N     partial refreshes after the full one, where the panel can (5)
  --card NAME      test or calibration (test)
  --help           this text
`;

const MAX_PARTIALS = 10;
const PARTIALS_RANGE = `is no whole number from 0 to ${MAX_PARTIALS}`;

const FlagsSchema = z.object({
  panel: z.string().min(1, 'names no panel').default('7in5_V2'),
  wiring: z.enum(['waveshare', 'pimoroni'], { error: 'is neither waveshare nor pimoroni' }).default('waveshare'),
  spi: z.string().min(1, 'names no device').default('/dev/spidev0.0'),
  socket: z.string().min(1, 'names no file').optional(),
  // More would ask for a full refresh, to keep the glass clean.
  partials: z
    .string()
    .regex(/^\d+$/, PARTIALS_RANGE)
    .transform(Number)
    .pipe(z.number(PARTIALS_RANGE).max(MAX_PARTIALS, PARTIALS_RANGE))
    .default(5),
  card: z.enum(['test', 'calibration'], { error: 'is neither test nor calibration' }).default('test'),
  help: z.boolean().default(false),
});

/**
 * Parses the command line; undefined if the person asked for help, or for nothing.
 * @throws HubError `config.invalid` naming every flag that is wrong
 */
export function parsePanelTestOptions(argv: readonly string[]): PanelTestOptions | undefined {
  const { values, positionals } = readFlags(argv);
  const [command, ...others] = positionals;
  if (command === undefined || values.help === true) return undefined;
  if (command !== 'test' || others.length > 0) {
    throw new HubError('config.invalid', `${positionals.join(' ')}: the one command is test`);
  }
  const flags = FlagsSchema.safeParse(values);
  if (!flags.success) {
    const problems = flags.error.issues.map(({ path, message }) => `--${path.join('.')} ${message}`);
    throw new HubError('config.invalid', problems.join('; '));
  }
  const { panel, wiring, spi: spiDevice, socket, partials, card } = flags.data;
  return { panel, wiring, spiDevice, socket, partials, card };
}

function readFlags(argv: readonly string[]) {
  try {
    const text = { type: 'string' } as const;
    const options = { panel: text, wiring: text, spi: text, socket: text, partials: text, card: text } as const;
    return parseArgs({
      args: [...argv],
      strict: true,
      allowPositionals: true,
      options: { ...options, help: { type: 'boolean' } },
    });
  } catch (cause) {
    throw wrongFlags(cause);
  }
}
