import type { PanelSpec, PlaneSpec, Waveform } from '../../hardware/epd/panel-spec.js';
import type { Level, PanelLine, PanelPort } from '../../hardware/index.js';
import type { Mutation } from './epd-life.js';

/** What happens to bytes on their way out of the driver. */
interface Wire {
  /** What is sent instead of a command; undefined drops it with its data. */
  readonly command?: (code: number) => number | undefined;
  readonly data?: (code: number, bytes: Uint8Array) => Uint8Array;
  readonly busy?: (level: Level) => Level;
  /** Chip select of a pair rises after each message, as the kernel does it. */
  readonly raisesCs?: boolean;
  /** The chip selects of a pair are wired the wrong way round. */
  readonly swapsCs?: boolean;
}

/** A driver in which something is wrong, and the families that notice. */
export interface NamedMutation extends Mutation {
  readonly what: string;
  readonly panels: readonly string[];
}

const UC = ['5in83_V2', '7in5_V2'] as const;
const SSD = ['2in13_V4', '2in9_V2', '2in7_V2', '4in2_V2'] as const;
const COLOUR = ['7in3f', '7in3e', '4in0e', '13in3e'] as const;

const OTHER_CHIP: Partial<Record<PanelLine, 'cs-m' | 'cs-s'>> = { 'cs-m': 'cs-s', 'cs-s': 'cs-m' };

/** What a driver may get wrong, each of which must be found out. */
export const MUTATIONS: readonly NamedMutation[] = [
  wires('the planes of the UC8179 are confused', UC, { command: swapped(0x10, 0x13) }),
  wires('the old plane is not sent', UC, { command: without(0x10) }),
  wires('the high voltage is not switched on', [...UC, ...COLOUR], { command: without(0x04) }),
  wires('the high voltage is left on when the panel sleeps', [...UC, ...COLOUR], { command: without(0x02) }),
  wires('the window begins between bytes', UC, { data: (code, bytes) => plus(bytes, code === 0x90 ? 1 : -1, 4) }),
  wires('the window is a row too short', UC, { data: (code, bytes) => plus(bytes, code === 0x90 ? 7 : -1, -1) }),
  wires('a set bit means the other ink', UC, { data: (code, bytes) => flipped(bytes, code === 0x50 ? 0 : -1, 0x01) }),
  wires('deep sleep without its check code', [...UC, ...COLOUR], {
    data: (code, bytes) => plus(bytes, code === 0x07 ? 0 : -1, 1),
  }),
  wires('BUSY is never waited for', [...UC, ...SSD, ...COLOUR], skippedBusy()),
  wires('the planes of the SSD168x are confused', SSD, { command: swapped(0x24, 0x26) }),
  wires('the plane of what shows is left as it was', SSD, { command: without(0x26) }),
  wires('the row counter stands where it stood', SSD, { command: without(0x4f) }),
  wires('the columns of the window stay', SSD, { command: without(0x44) }),
  wires('rows are written from bottom to top', SSD, {
    data: (code, bytes) => flipped(bytes, code === 0x11 ? 0 : -1, 0x02),
  }),
  wires('an update leaves the high voltage on', SSD, {
    data: (code, bytes) => (code === 0x22 ? bytes.map((byte) => (byte === 0x83 ? 0x80 : byte)) : bytes),
  }),
  wires('a partial refresh flashes like a full one', ['2in13_V4', '2in7_V2', '4in2_V2'], {
    data: (code, bytes) => flipped(bytes, code === 0x22 && bytes[0] === 0xfc ? 0 : -1, 0x08),
  }),
  wires('the border follows the waveform in a partial refresh', SSD, {
    data: (code, bytes) => (code === 0x3c ? bytes.map(() => 0x05) : bytes),
  }),
  wires('the border is driven in a partial refresh', UC, {
    data: (code, bytes) => (code === 0x50 ? bytes.map((byte) => (byte === 0xa9 ? 0x29 : byte)) : bytes),
  }),
  wires('a level stays on the border', SSD, {
    data: (code, bytes) => (code === 0x3c ? bytes.map(() => 0x60) : bytes),
  }),
  wires('a bit of the waveform is wrong', ['2in9_V2'], {
    data: (code, bytes) => flipped(bytes, code === 0x32 ? 60 : -1, 0x01),
  }),
  wires('the waveform is to come from registers that nobody wrote', UC, {
    data: (code, bytes) => flipped(bytes, code === 0x00 ? 0 : -1, 0x20),
  }),
  wires('a second data line is switched on', ['7in5_V2', '7in5b_V2'], {
    data: (code, bytes) => flipped(bytes, code === 0x15 ? 0 : -1, 0x10),
  }),
  wires('the registers of colour glass are not opened', COLOUR, {
    command: (code) => (code === 0xaa || code === 0xf0 ? undefined : code),
  }),
  wires('chip select rises within a plane', ['13in3e'], { raisesCs: true }),
  specs('the inks of Spectra 6 are numbered without a gap', ['7in3e', '4in0e', '13in3e'], (plane) => ({
    ...plane,
    values: [0, 1, 2, 3, 4, 5],
  })),
  wires('the halves of the glass are confused', ['13in3e'], { swapsCs: true }),
  specs('a plane is inverted', [...UC, ...SSD, '7in5b_V2'], ({ values, ...plane }) => ({
    ...plane,
    values: values.map((value) => 1 - value),
  })),
];

function wires(what: string, panels: readonly string[], wire: Wire): NamedMutation {
  return { what, panels, port: (port) => mutated(port, wire) };
}

function specs(what: string, panels: readonly string[], plane: (plane: PlaneSpec) => PlaneSpec): NamedMutation {
  const changed = <T extends Waveform>(waveform: T): T => ({ ...waveform, planes: waveform.planes.map(plane) });
  const spec = ({ full, partial, ...rest }: PanelSpec): PanelSpec => ({
    ...rest,
    full: changed(full),
    ...(partial === undefined ? {} : { partial: changed(partial) }),
  });
  return { what, panels, spec };
}

function mutated(port: PanelPort, wire: Wire): PanelPort {
  let isData = false;
  let code: number | undefined;
  const send = async (bytes: Uint8Array): Promise<void> => {
    if (!isData) {
      const [wanted = 0] = bytes;
      code = wire.command === undefined ? wanted : wire.command(wanted);
      if (code !== undefined) await port.spi.transfer(Uint8Array.of(code));
    } else if (code !== undefined) await port.spi.transfer(wire.data?.(code, bytes) ?? bytes);
  };
  return {
    spi: {
      maxTransferBytes: port.spi.maxTransferBytes,
      transfer: async (bytes) => {
        await send(bytes);
        if (wire.raisesCs === true && isData) await pulse(port);
      },
    },
    gpio: {
      set: async (line, level) => {
        if (line === 'dc') isData = level === 1;
        await port.gpio.set(wire.swapsCs === true ? (OTHER_CHIP[line] ?? line) : line, level);
      },
      get: async (line) => {
        const level = await port.gpio.get(line);
        return line === 'busy' ? (wire.busy?.(level) ?? level) : level;
      },
    },
  };
}

async function pulse({ gpio }: PanelPort): Promise<void> {
  for (const line of ['cs-m', 'cs-s'] as const) {
    if ((await gpio.get(line)) === 1) continue;
    await gpio.set(line, 1);
    await gpio.set(line, 0);
  }
}

function without(dropped: number): (code: number) => number | undefined {
  return (code) => (code === dropped ? undefined : code);
}

function swapped(one: number, other: number): (code: number) => number {
  return (code) => (code === one ? other : code === other ? one : code);
}

function plus(bytes: Uint8Array, at: number, difference: number): Uint8Array {
  return bytes.map((byte, place) => (place === at ? byte + difference : byte));
}

function flipped(bytes: Uint8Array, at: number, mask: number): Uint8Array {
  return bytes.map((byte, place) => (place === at ? byte ^ mask : byte));
}

/** Held at one look and released at the next, whatever the panel does. */
function skippedBusy(): Wire {
  let looks = 0;
  return {
    busy: () => {
      looks += 1;
      return looks % 2 === 0 ? 1 : 0;
    },
  };
}
