import { SimPanel } from '../../device-sim/epd/sim-panel.js';
import {
  Epd,
  type Frame,
  frameOf,
  PANELS,
  type PanelPort,
  type PanelSpec,
  panelSpec,
  rowBytes,
  systemClock,
} from '../../hardware/index.js';
import { noise } from '../support/noise.js';
import { sleepingClock } from '../support/sleeping-clock.js';
import { type Figure, round } from './figure.js';

/** One digit of a clock that is as wide as a quarter of the glass. */
const DIGIT = { columns: 1 / 16, rows: 1 / 10 } as const;
const LINE = { columns: 1, rows: 1 / 20 } as const;
const AIM_PERCENT = 3;
const CPU_ROUNDS = 20;
const BITS_PER_BYTE = 8;

type Cost = { bytes: number; ms: number };

/** Of every panel: bytes on the bus and time for a tick of a clock, a changed line and a full page; the driver's own time. */
export async function benchPanels(): Promise<Figure[]> {
  const figures: Figure[] = [];
  for (const id of Object.keys(PANELS)) figures.push(await benchPanel(id));
  return figures;
}

async function benchPanel(id: string): Promise<Figure> {
  const spec = panelSpec(id);
  const page = noise(1, { ...spec, inks: spec.inks.length });
  const tick = await costOf(id, page, changed(page, spec, DIGIT));
  const line = await costOf(id, page, changed(page, spec, LINE));
  const whole = await costOf(id, page, noise(2, { ...spec, inks: spec.inks.length }), 'full');
  const driver = await driverMs(spec, page);
  const copy = copyMs(page);
  return {
    panel: id,
    unit: 'bytes on the bus, ms with the glass and the bus at its clock',
    tickBytes: tick.bytes,
    tickPercent: round((tick.bytes / whole.bytes) * 100),
    aimPercent: spec.partial === undefined ? null : AIM_PERCENT,
    tickMs: tick.ms,
    lineBytes: line.bytes,
    linePercent: round((line.bytes / whole.bytes) * 100),
    lineMs: line.ms,
    pageBytes: whole.bytes,
    pageMs: whole.ms,
    driverCpuMs: toMicroseconds(driver),
    copyCpuMs: toMicroseconds(copy),
  };
}

/** What it costs to bring `after` onto glass that shows `before` and has had a partial refresh already, asleep. */
async function costOf(id: string, before: Frame, after: Frame, mode?: 'full'): Promise<Cost> {
  const clock = sleepingClock();
  const spec = panelSpec(id);
  const panel = new SimPanel({ panel: id, clock, strictness: 'strict', maxTransferBytes: 65_536 });
  let bytes = 0;
  const port: PanelPort = {
    gpio: panel.gpio,
    spi: {
      maxTransferBytes: panel.spi.maxTransferBytes,
      transfer: async (data) => {
        bytes += data.length;
        await panel.spi.transfer(data);
      },
    },
  };
  const epd = new Epd({ spec, port, clock });
  await epd.show(before, 'full');
  await epd.sleep();
  bytes = 0;
  const began = clock.monotonic();
  await epd.show(after, mode ?? (spec.partial === undefined ? 'full' : 'partial'));
  await epd.sleep();
  return { bytes, ms: Math.round(clock.monotonic() - began + (bytes * BITS_PER_BYTE * 1_000) / spec.spiHz) };
}

function changed(page: Frame, { inks }: PanelSpec, part: { columns: number; rows: number }): Frame {
  const stride = rowBytes(page.width, page.bitsPerPixel);
  const data = Uint8Array.from(page.data);
  const other = noise(3, { ...page, inks: inks.length });
  const width = Math.ceil(stride * part.columns);
  for (let row = 0; row < Math.ceil(page.height * part.rows); row += 1) {
    for (let column = 0; column < width; column += 1) {
      const at = (row + 8) * stride + column;
      data[at] = other.data[at] ?? 0;
    }
  }
  return frameOf(data, { ...page, inkCount: inks.length });
}

/** The driver's own time for a full frame, on wires that take no time and a panel that is done at once. */
async function driverMs(spec: PanelSpec, frame: Frame): Promise<number> {
  let looks = 0;
  const port: PanelPort = {
    spi: { maxTransferBytes: 65_536, transfer: async () => undefined },
    gpio: {
      set: async (line) => {
        if (line === 'dc' || line === 'rst') looks = 0;
      },
      get: async () => {
        looks += 1;
        const isBusy = looks === 1;
        return isBusy === (spec.busyLevel === 1) ? 1 : 0;
      },
    },
  };
  const epd = new Epd({ spec, port: withQuietPlanes(port, spec), clock: sleepingClock() });
  await epd.show(frame, 'full');
  const began = systemClock.monotonic();
  for (let round = 0; round < CPU_ROUNDS; round += 1) await epd.show(frame, 'full');
  return (systemClock.monotonic() - began) / CPU_ROUNDS;
}

/** BUSY is held only after commands, of which a plane's data is none. */
function withQuietPlanes({ spi, gpio }: PanelPort, spec: PanelSpec): PanelPort {
  let inPlane = false;
  const idle = spec.busyLevel === 1 ? 0 : 1;
  return {
    spi: {
      maxTransferBytes: spi.maxTransferBytes,
      transfer: async (bytes) => {
        inPlane = bytes.length > 1;
        await spi.transfer(bytes);
      },
    },
    gpio: { set: gpio.set, get: async (line) => (inPlane ? idle : gpio.get(line)) },
  };
}

function toMicroseconds(ms: number): number {
  return Math.round(ms * 1_000) / 1_000;
}

function copyMs({ data }: Frame): number {
  const target = new Uint8Array(data.length);
  const began = systemClock.monotonic();
  for (let round = 0; round < CPU_ROUNDS * 10; round += 1) target.set(data);
  return (systemClock.monotonic() - began) / (CPU_ROUNDS * 10);
}
