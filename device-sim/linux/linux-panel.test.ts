import { test as base, describe, expect } from 'vitest';
import {
  bitsPerPixelFor,
  Epd,
  frameOf,
  type GpioLines,
  type LinuxPanelOptions,
  openLinuxPanel,
  PANELS,
  type PanelPort,
  panelSpec,
  rowBytes,
  type SpiPort,
} from '../../hardware/index.js';
import { noiseFrame } from '../epd/noise-frame.js';
import { SimPanel } from '../epd/sim-panel.js';
import { VirtualClock } from '../virtual-clock.js';
import type { BoardName } from './boards.js';
import type { Pins } from './connector.js';
import { FakeKernel, type FakeKernelOptions } from './fake-kernel.js';

const spec = panelSpec('7in5_V2');
/** As printed on the boards. */
const WAVESHARE: Pins = { 17: 'rst', 25: 'dc', 24: 'busy', 18: 'pwr', 8: 'cs-m' };
const PIMORONI: Pins = { 27: 'rst', 22: 'dc', 17: 'busy', 8: 'cs-m' };
const TWO_CHIPS: Pins = { 17: 'rst', 25: 'dc', 24: 'busy', 18: 'pwr', 8: 'cs-m', 7: 'cs-s' };
const WHOLE_BUS = 65_536;

type Pi = {
  clock: VirtualClock;
  glass: SimPanel;
  boot: (options?: Partial<FakeKernelOptions> & { pins?: Pins }) => FakeKernel;
  open: (kernel: FakeKernel, options?: Partial<LinuxPanelOptions>) => ReturnType<typeof openLinuxPanel>;
};

const test = base.extend<Pi>({
  clock: async ({ task: _ }, use) => use(new VirtualClock({ auto: true })),
  glass: async ({ clock }, use) => {
    await use(new SimPanel({ width: 800, height: 480, clock, strictness: 'strict', maxTransferBytes: WHOLE_BUS }));
  },
  boot: async ({ glass }, use) => {
    await use(({ pins = WAVESHARE, ...options } = {}) => {
      return new FakeKernel({ board: 'pi-4', panel: { port: glass, pins }, ...options });
    });
  },
  open: async ({ task: _ }, use) => {
    await use((syscalls, options) => openLinuxPanel({ wiring: 'waveshare', spiHz: spec.spiHz, syscalls, ...options }));
  },
});

describe.each<BoardName>([
  'pi-3',
  'pi-4',
  'pi-5, kernel 6.6.20',
  'pi-5, kernel 6.6.47',
  'pi-5, kernel 6.12.96',
  'another board',
])('%s', (board) => {
  test('the driver brings a frame onto the glass through structs alone', async ({ boot, open, clock, glass }) => {
    const kernel = boot({ board });
    const port = await open(kernel);
    const frame = noiseFrame(7);
    await new Epd({ spec, port, clock }).show(frame, 'full');
    expect(Buffer.compare(glass.glass.frame().data, frame.data)).toBe(0);
    expect(kernel.messages.every(({ hz, bytes }) => hz === 4_000_000 && bytes <= 4_096)).toBe(true);
    await port.close();
    await port.close();
    expect(kernel.openFiles).toBe(0);
  });
});

test.for(['pi-3', 'pi-4', 'pi-5, kernel 6.6.20'] as const)(
  'on a %s the header is found by its driver alone, where lines have no names',
  async (board, { boot, open }) => {
    const wires = new Wires();
    await open(boot({ board, namesLines: false, panel: { port: wires, pins: WAVESHARE } }));
    expect(wires.log).toEqual(['rst=1', 'dc=0', 'pwr=1']);
  },
);

describe.each(Object.keys(PANELS))('%s', (id) => {
  test.for(['pi-4', 'pi-5, kernel 6.6.47'] as const)(
    'a frame reaches the glass on a %s, message by message, and no rule is broken',
    async (board, { open, clock }) => {
      const row = panelSpec(id);
      const { width, height, inks, chipSelect, spiHz } = row;
      const glass = new SimPanel({ panel: id, clock, strictness: 'strict', spiHz });
      const isPair = chipSelect === 'lines';
      const pins = isPair ? TWO_CHIPS : WAVESHARE;
      const kernel = new FakeKernel({ board, spi: isPair ? '0cs' : 'on', panel: { port: glass, pins } });
      const port = await open(kernel, { spiHz, chipSelect });
      const frame = stripes(width, height, inks.length);
      const epd = new Epd({ spec: row, port, clock });
      await epd.show(frame, 'full');
      expect(Buffer.compare(glass.glass.frame().data, frame.data)).toBe(0);
      await epd.sleep();
      expect(kernel.messages.every(({ hz, bytes }) => hz === spiHz && bytes <= 4_096)).toBe(true);
      expect(glass.lint.faults).toEqual([]);
    },
  );
});

test('the panel gets the same commands, data and resets over Linux as over plain wires', async ({
  boot,
  open,
  clock,
  glass,
}) => {
  const wires = new SimPanel({ width: 800, height: 480, clock, strictness: 'strict' });
  const port = await open(boot());
  const before = glass.trace.length;
  for (const panel of [wires, port]) {
    const epd = new Epd({ spec, port: panel, clock });
    await epd.show(noiseFrame(1), 'full');
    await epd.show(noiseFrame(2), 'fast');
    const data = noiseFrame(2).data.with(24_000, 0x5a);
    await epd.show(frameOf(data, { width: 800, height: 480, inkCount: 2 }), 'partial');
    await epd.sleep();
  }
  const told = (panel: SimPanel) => panel.trace.flatMap((step) => ('c' in step ? [step] : []));
  expect(told(glass)).toEqual(told(wires));
  expect(told(glass).length).toBeGreaterThan(20);
  expect(glass.trace.slice(0, before)).not.toContainEqual(expect.objectContaining({ c: expect.anything() }));
  expect(glass.lint.faults).toEqual([]);
});

test.for([
  [4_096, 4_096],
  [65_536, 65_536],
  [1_000_000, 65_536],
  // Counted in whole pieces of 128 bytes by the kernel.
  [1_000, 896],
  [128, 128],
] as const)(
  'a bufsiz of %d gives messages of %d bytes, and the frame arrives whole',
  async ([bufsiz, longest], { boot, open, clock, glass }) => {
    const kernel = boot({ bufsiz });
    const port = await open(kernel);
    expect(port.spi.maxTransferBytes).toBe(longest);
    const frame = noiseFrame(3);
    await new Epd({ spec, port, clock }).show(frame, 'full');
    expect(glass.glass.frame().sha256).toBe(frame.sha256);
    expect(Math.max(...kernel.messages.map(({ bytes }) => bytes))).toBe(Math.min(longest, 48_000));
    await expect(port.spi.transfer(new Uint8Array(longest + 1))).rejects.toMatchObject({
      code: 'linux.message-too-long',
    });
  },
);

test('transfers that nobody waited for leave one after the other', async ({ boot, open }) => {
  const wires = new Wires();
  const { spi } = await open(boot({ panel: { port: wires, pins: WAVESHARE } }));
  wires.log.length = 0;
  await Promise.all([3, 2, 1].map((bytes) => spi.transfer(new Uint8Array(bytes).fill(bytes))));
  const selected = (bytes: string) => ['cs-m=0', bytes, 'cs-m=1'];
  expect(wires.log).toEqual([...selected('030303'), ...selected('0202'), ...selected('01')]);
});

test('a Pimoroni board has other pins and no power line', async ({ boot, open, clock, glass }) => {
  const port = await open(boot({ pins: PIMORONI }), { wiring: 'pimoroni' });
  const frame = noiseFrame(9);
  await new Epd({ spec, port, clock }).show(frame, 'full');
  expect(glass.glass.frame().sha256).toBe(frame.sha256);
  await expect(port.gpio.set('cs-m', 0)).rejects.toMatchObject({ code: 'linux.not-wired' });
});

test('taking the lines neither resets the panel nor takes its power', async ({ boot, open }) => {
  const wires = new Wires();
  await open(boot({ panel: { port: wires, pins: WAVESHARE } }));
  expect(wires.log).toEqual(['rst=1', 'dc=0', 'pwr=1']);
});

describe('two chips on one bus', () => {
  test.for(['pi-4', 'pi-5, kernel 6.6.47'] as const)(
    'on a %s chip select stays where it was put, message after message',
    async (board, { boot, open }) => {
      const wires = new Wires();
      const kernel = boot({ board, spi: '0cs', panel: { port: wires, pins: TWO_CHIPS } });
      const { spi, gpio } = await open(kernel, { chipSelect: 'lines' });
      expect(wires.log.splice(0)).toEqual(['rst=1', 'dc=0', 'pwr=1', 'cs-m=1', 'cs-s=1']);
      await gpio.set('cs-m', 0);
      await spi.transfer(Uint8Array.of(0x10));
      await spi.transfer(Uint8Array.of(0xaa, 0xbb));
      await gpio.set('cs-m', 1);
      await gpio.set('cs-s', 0);
      expect(wires.log).toEqual(['cs-m=0', '10', 'aabb', 'cs-m=1', 'cs-s=0']);
      expect([await gpio.get('cs-m'), await gpio.get('cs-s')]).toEqual([1, 0]);
    },
  );

  test("the bus leaves its own chip select alone, where it can, and pins of another board's are used", async ({
    boot,
    open,
  }) => {
    const wires = new Wires();
    const pins: Pins = { 27: 'rst', 22: 'dc', 17: 'busy', 26: 'cs-m', 16: 'cs-s', 8: 'pwr' };
    const kernel = boot({ panel: { port: wires, pins } });
    const { spi, gpio } = await open(kernel, { wiring: 'pimoroni', chipSelect: 'lines' });
    expect(wires.log.splice(0)).toEqual(['rst=1', 'dc=0', 'cs-m=1', 'cs-s=1']);
    await gpio.set('cs-s', 0);
    await spi.transfer(Uint8Array.of(0x10));
    expect(wires.log).toEqual(['cs-s=0', '10']);
  });

  test('pins that the SPI driver holds are told, with the line of config.txt that frees them', async ({
    boot,
    open,
  }) => {
    const kernel = boot({ pins: TWO_CHIPS });
    await expect(open(kernel, { chipSelect: 'lines' })).rejects.toMatchObject({
      code: 'linux.line-held',
      message: expect.stringMatching(
        /GPIO 8 \(cs-m\) by "spi0 CS0", GPIO 7 \(cs-s\) by "spi0 CS1"; .*dtoverlay=spi0-0cs/,
      ),
    });
    expect(kernel.openFiles).toBe(0);
  });
});

describe('what goes wrong', () => {
  test('SPI is switched off', async ({ boot, open }) => {
    const kernel = boot({ spi: 'off' });
    await expect(open(kernel)).rejects.toMatchObject({
      code: 'linux.no-device',
      message: expect.stringMatching(/^\/dev\/spidev0\.0: .*dtparam=spi=on/),
    });
    expect(kernel.openFiles).toBe(0);
  });

  test.for(['/dev/spidev0.0', '/dev/gpiochip0'])('the user may not open %s', async (path, { boot, open }) => {
    const kernel = boot({ denied: [path] });
    await expect(open(kernel)).rejects.toMatchObject({
      code: 'linux.no-permission',
      message: expect.stringMatching(new RegExp(`^${path}: .*groups spi and gpio`)),
    });
    expect(kernel.openFiles).toBe(0);
  });

  test('two processes want the same panel: the second is told who has it, and gets it afterwards', async ({
    boot,
    open,
  }) => {
    const kernel = boot();
    const first = await open(kernel);
    const files = kernel.openFiles;
    await expect(open(kernel)).rejects.toMatchObject({
      code: 'linux.line-held',
      message: expect.stringContaining('GPIO 17 (rst) by "inklet"'),
    });
    expect(kernel.openFiles).toBe(files);
    await first.close();
    await (await open(kernel)).close();
  });

  test('one line is held by somebody else', async ({ boot, open }) => {
    const kernel = boot();
    kernel.hold(24, 'doorbell');
    await expect(open(kernel)).rejects.toMatchObject({
      code: 'linux.line-held',
      message: expect.stringMatching(/^\/dev\/gpiochip0: held is GPIO 24 \(busy\) by "doorbell";/),
    });
  });

  test('the bus does not take a setting', async ({ boot, open }) => {
    const kernel = boot();
    await expect(open(kernel, { spiHz: 0 })).rejects.toMatchObject({
      code: 'linux.refused',
      message: '/dev/spidev0.0: cannot set 0 Hz (EINVAL)',
    });
    expect(kernel.openFiles).toBe(0);
  });

  test('no chip is behind the header', async ({ open }) => {
    const kernel = new FakeKernel({ board: 'no header' });
    await expect(open(kernel)).rejects.toMatchObject({
      code: 'linux.no-device',
      message: expect.stringContaining('/dev/gpiochip1 is raspberrypi-exp-gpio'),
    });
    expect(kernel.openFiles).toBe(0);
  });

  test.for([0, 1, 20_000])(
    'the bus goes away %d bytes into a frame: the frame fails, and so does the next',
    async (afterBytes, { boot, open, clock }) => {
      const kernel = boot();
      const port = await open(kernel);
      const epd = new Epd({ spec, port, clock });
      kernel.unplug({ afterBytes });
      await expect(epd.show(noiseFrame(4), 'full')).rejects.toMatchObject({ code: 'linux.device-gone' });
      await expect(epd.show(noiseFrame(5), 'full')).rejects.toMatchObject({ code: 'linux.device-gone' });
      await port.close();
      expect(kernel.openFiles).toBe(0);
    },
  );

  test('what was closed is not used any more', async ({ boot, open }) => {
    const { spi, gpio, close } = await open(boot());
    await close();
    const closed = { code: 'linux.closed' };
    await expect(spi.transfer(Uint8Array.of(0))).rejects.toMatchObject(closed);
    await expect(gpio.set('rst', 1)).rejects.toMatchObject(closed);
    await expect(gpio.get('busy')).rejects.toMatchObject(closed);
  });
});

/** Each ink in turn, along rows that begin one pixel later each. */
function stripes(width: number, height: number, inkCount: number) {
  const bits = bitsPerPixelFor(inkCount);
  const perRow = rowBytes(width, bits);
  const data = new Uint8Array(perRow * height);
  for (let y = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1) {
      const shift = 8 - bits - ((x * bits) % 8);
      data[y * perRow + ((x * bits) >> 3)] =
        (data[y * perRow + ((x * bits) >> 3)] ?? 0) | (((x + y) % inkCount) << shift);
    }
  }
  return frameOf(data, { width, height, inkCount });
}

/** Nothing but the ends of wires, with what went over them. */
class Wires implements PanelPort {
  readonly log: string[] = [];
  readonly spi: SpiPort = {
    maxTransferBytes: WHOLE_BUS,
    transfer: async (bytes) => void this.log.push(Buffer.from(bytes).toString('hex')),
  };
  readonly gpio: GpioLines = { set: async (line, level) => void this.log.push(`${line}=${level}`), get: async () => 0 };
}
