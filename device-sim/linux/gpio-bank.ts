import { constants } from 'node:os';
import type { Level } from '../../hardware/index.js';
import { type BoardChip, lineName } from './boards.js';
import type { Connector } from './connector.js';

const { EBUSY, EINVAL, EPERM } = constants.errno;

type Line = { consumer: string | undefined; output: boolean; level: Level };
type Config = { flags: bigint; output: Level };

const FLAG_USED = 1n;
const FLAG_INPUT = 4n;
const FLAG_OUTPUT = 8n;
const KNOWN_FLAGS = 0xfffn;
const NAME_BYTES = 32;
const MAX_LINES = 64;
const MAX_ATTRIBUTES = 10;
const ATTRIBUTE = { first: 320, bytes: 24, flags: 1, outputValues: 2, debounce: 3 };

/** One GPIO chip: structs of linux/gpio.h in, levels on the header out. Answers are 0 or minus errno. */
export class GpioBank {
  readonly #chip: BoardChip;
  readonly #connector: Connector | undefined;
  readonly #lines: Line[];
  readonly #namesLines: boolean;

  constructor(chip: BoardChip, connector: Connector | undefined, namesLines: boolean) {
    this.#chip = chip;
    this.#namesLines = namesLines;
    this.#connector = connector;
    this.#lines = Array.from({ length: chip.lines }, () => ({ consumer: undefined, output: false, level: 0 }));
  }

  /** What a driver or another process does before we come: takes a line of the header. */
  hold(bcm: number, consumer: string): void {
    const line = this.#lines[(this.#chip.header ?? 0) + bcm];
    if (line !== undefined) line.consumer = consumer;
  }

  chipInfo(struct: Buffer): number {
    struct.fill(0);
    struct.write(`gpiochip${this.#chip.number}`, 0, 'latin1');
    struct.write(this.#chip.label, NAME_BYTES, 'latin1');
    struct.writeUInt32LE(this.#chip.lines, 64);
    return 0;
  }

  lineInfo(struct: Buffer): number {
    const offset = struct.readUInt32LE(64);
    const line = this.#lines[offset];
    if (line === undefined || !isZero(struct, 240, 256)) return -EINVAL;
    struct.fill(0);
    if (this.#namesLines) struct.write(lineName(this.#chip, offset), 0, 'latin1');
    struct.write(line.consumer ?? '', NAME_BYTES, 'latin1');
    struct.writeUInt32LE(offset, 64);
    const used = line.consumer === undefined ? 0n : FLAG_USED;
    struct.writeBigUInt64LE(used | (line.output ? FLAG_OUTPUT : FLAG_INPUT), 72);
    return 0;
  }

  /** All lines or none; `keep` gives the number under which they are then known. */
  async request(struct: Buffer, keep: (lines: HeldLines) => number): Promise<number> {
    const count = struct.readUInt32LE(560);
    if (count === 0 || count > MAX_LINES || !isZero(struct, 568, 588)) return -EINVAL;
    const configs = readConfigs(struct, count);
    if (configs === undefined) return -EINVAL;
    const offsets = configs.map((_, at) => struct.readUInt32LE(at * 4));
    if (offsets.some((offset) => this.#lines[offset] === undefined)) return -EINVAL;
    const isTaken = offsets.some((offset, at) => {
      return this.#lines[offset]?.consumer !== undefined || offsets.indexOf(offset) !== at;
    });
    if (isTaken) return -EBUSY;
    const consumer = struct.toString('latin1', 256, 288).replace(/\0.*$/s, '') || '?';
    const held = offsets.flatMap((offset) => this.#lines[offset] ?? []);
    const wires = offsets.map((offset) => this.#bcm(offset));
    for (const [at, line] of held.entries()) {
      const { flags = 0n, output = 0 } = configs[at] ?? {};
      line.consumer = consumer;
      line.output = (flags & FLAG_OUTPUT) !== 0n;
      if (line.output) await drive(this.#connector, wires[at], line, output);
    }
    struct.writeInt32LE(keep(new HeldLines(held, wires, this.#connector)), 588);
    return 0;
  }

  #bcm(offset: number): number | undefined {
    return this.#chip.header === undefined ? undefined : offset - this.#chip.header;
  }
}

/** The lines of one request, until they are closed. */
export class HeldLines {
  readonly #lines: readonly Line[];
  readonly #wires: readonly (number | undefined)[];
  readonly #connector: Connector | undefined;

  constructor(lines: readonly Line[], wires: readonly (number | undefined)[], connector: Connector | undefined) {
    this.#lines = lines;
    this.#wires = wires;
    this.#connector = connector;
  }

  async get(struct: Buffer): Promise<number> {
    const asked = this.#asked(struct);
    if (asked.length === 0) return -EINVAL;
    let bits = 0n;
    for (const [at, line] of asked) {
      const wire = this.#wires[at];
      const sensed = wire === undefined ? 0 : await this.#connector?.sense(wire);
      const level = line.output ? line.level : sensed;
      if (level === 1) bits |= 1n << BigInt(at);
    }
    struct.writeBigUInt64LE(bits, 0);
    return 0;
  }

  async set(struct: Buffer): Promise<number> {
    const asked = this.#asked(struct);
    if (asked.length === 0) return -EINVAL;
    if (asked.some(([, line]) => !line.output)) return -EPERM;
    const bits = struct.readBigUInt64LE(0);
    for (const [at, line] of asked) await drive(this.#connector, this.#wires[at], line, bitAt(bits, at));
    return 0;
  }

  /** The lines are free again; their levels stay, as the Raspberry Pi's pin driver leaves them. */
  close(): void {
    for (const line of this.#lines) line.consumer = undefined;
  }

  #asked(struct: Buffer): [number, Line][] {
    const mask = struct.readBigUInt64LE(8);
    return [...this.#lines.entries()].filter(([at]) => bitAt(mask, at) === 1);
  }
}

async function drive(connector: Connector | undefined, wire: number | undefined, line: Line, level: Level) {
  line.level = level;
  if (wire !== undefined) await connector?.drive(wire, level);
}

/** One configuration per line: that of the request, save where an attribute says otherwise. */
function readConfigs(struct: Buffer, count: number): Config[] | undefined {
  const attributes = struct.readUInt32LE(296);
  if (attributes > MAX_ATTRIBUTES || !isZero(struct, 300, 320)) return undefined;
  const configs = Array.from({ length: count }, (): Config => ({ flags: struct.readBigUInt64LE(288), output: 0 }));
  for (let attribute = 0; attribute < attributes; attribute += 1) {
    const at = ATTRIBUTE.first + attribute * ATTRIBUTE.bytes;
    const id = struct.readUInt32LE(at);
    const value = struct.readBigUInt64LE(at + 8);
    const mask = struct.readBigUInt64LE(at + 16);
    if (id === 0 || id > ATTRIBUTE.debounce || !isZero(struct, at + 4, at + 8)) return undefined;
    for (const [place, config] of configs.entries()) {
      if (bitAt(mask, place) === 0) continue;
      if (id === ATTRIBUTE.flags) config.flags = value;
      if (id === ATTRIBUTE.outputValues) config.output = bitAt(value, place);
    }
  }
  return configs.every(({ flags }) => isSound(flags)) ? configs : undefined;
}

function isSound(flags: bigint): boolean {
  const direction = flags & (FLAG_INPUT | FLAG_OUTPUT);
  return (flags & ~KNOWN_FLAGS) === 0n && (flags & FLAG_USED) === 0n && direction !== (FLAG_INPUT | FLAG_OUTPUT);
}

function bitAt(bits: bigint, at: number): Level {
  return ((bits >> BigInt(at)) & 1n) === 1n ? 1 : 0;
}

function isZero(struct: Buffer, from: number, to: number): boolean {
  return struct.subarray(from, to).every((byte) => byte === 0);
}
