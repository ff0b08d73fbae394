#!/usr/bin/env node
import { pino } from 'pino';
import { Epd, HardwareError, panelSpec, systemClock } from '../../hardware/index.js';
import { packFrame, renderCalibrationCard, renderFrame, unpackFrame } from '../../render/index.js';
import { describeFailure, HubError } from '../errors.js';
import { openWiredHardware } from '../wired-hardware.js';
import { calibrationCard } from './calibration.js';
import { parsePanelTestOptions, USAGE } from './options.js';
import { runPanelTest } from './run-panel-test.js';
import { drawTestCard } from './test-card.js';

const EXIT_FAILURE = 1;
const EXIT_USAGE = 2;
/** What a flag alone can be to blame for. */
const USAGE_CODES: ReadonlySet<string> = new Set(['config.invalid', 'epd.unknown-panel']);

async function main(): Promise<void> {
  const options = parsePanelTestOptions(process.argv.slice(2));
  if (options === undefined) {
    process.stdout.write(USAGE);
    return;
  }
  const stopping = new AbortController();
  process.once('SIGINT', () => stopping.abort(new HubError('display.failed', 'stopped from the keyboard')));
  const { panel: id, wiring, spiDevice, socket } = options;
  const spec = panelSpec(id);
  const { panel, close } = await openWiredHardware(
    {
      INKLET_HARDWARE_SOCKET: socket,
      INKLET_NFC: 'off',
      INKLET_PANEL: id,
      INKLET_SPI_DEVICE: spiDevice,
      INKLET_WIRING: wiring,
    },
    { clock: systemClock, random: Math.random, log: pino({ level: 'silent' }) },
  );
  try {
    const isCalibration = options.card === 'calibration';
    const card = isCalibration
      ? calibrationCard(spec, renderCalibrationCard)
      : await drawTestCard({ panel: spec, id, renderFrame, packFrame, unpackFrame });
    const partials = isCalibration ? 0 : options.partials;
    const epd = new Epd({ spec, port: panel, clock: systemClock });
    const tell = (line: string) => process.stdout.write(`${line}\n`);
    await runPanelTest({ epd, card, partials, tell, signal: stopping.signal });
  } finally {
    await close();
  }
}

try {
  await main();
} catch (error) {
  const { code, message } = describeFailure(error, 'hub.internal');
  const isExpected = error instanceof HubError || error instanceof HardwareError;
  process.stderr.write(`${code}: ${message}\n${isExpected || !(error instanceof Error) ? '' : `${error.stack}\n`}`);
  process.exitCode = USAGE_CODES.has(code) ? EXIT_USAGE : EXIT_FAILURE;
}
