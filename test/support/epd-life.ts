import fc from 'fast-check';
import { seededRandom } from '../../device-sim/epd/seeded-random.js';
import { SimPanel } from '../../device-sim/epd/sim-panel.js';
import type { Waveform } from '../../hardware/epd/panel-spec.js';
import {
  Epd,
  type Frame,
  frameOf,
  HardwareError,
  type PanelPort,
  type PanelSpec,
  panelSpec,
  type ShowMode,
} from '../../hardware/index.js';
import { noise } from './noise.js';
import { sleepingClock } from './sleeping-clock.js';

/** One thing that happens to a panel. */
export interface LifeStep {
  readonly mode: ShowMode;
  readonly seed: number;
  /** How many bytes of the last frame change; more than there are is all of it. */
  readonly changedBytes: number;
  readonly sleeps: boolean;
  /** A new process takes over, which is told what the glass shows. */
  readonly restarts: boolean;
}

export interface Life {
  readonly panel: string;
  readonly steps: readonly LifeStep[];
  readonly maxTransferBytes: number;
}

/** What is done to the driver, to see whether anybody notices. */
export interface Mutation {
  readonly spec?: (spec: PanelSpec) => PanelSpec;
  readonly port?: (port: PanelPort) => PanelPort;
}

/** The panels of a family of controllers. */
export const FAMILIES: Readonly<Record<string, readonly string[]>> = {
  ssd168x: ['2in13_V4', '2in9_V2', '2in7_V2', '4in2_V2'],
  uc8179: ['5in83_V2', '7in5_V2', '7in5b_V2'],
  ac073: ['7in3f', '7in3e', '4in0e'],
  'ac073-pair': ['13in3e'],
};

const TRES = 0x61;
const MODES = ['full', 'fast', 'partial', 'grey'] as const;

export function livesOf(family: string): fc.Arbitrary<Life> {
  const step = fc.record({
    mode: fc.constantFrom<ShowMode>(...MODES),
    seed: fc.nat(10_000),
    changedBytes: fc.nat(150),
    sleeps: fc.boolean(),
    restarts: fc.boolean(),
  });
  return fc.record({
    panel: fc.constantFrom(...(FAMILIES[family] ?? [])),
    steps: fc.array(step, { minLength: 1, maxLength: 6 }),
    maxTransferBytes: fc.constantFrom(5, 64, 4_096),
  });
}

/** The same panel with less glass, so that many lives fit into a test. */
export function smallSpec(id: string): PanelSpec {
  const spec = panelSpec(id);
  const [width, height] = spec.controller === 'ssd168x' ? [42, 20] : [48, 20];
  const told = spec.controller === 'ac073-pair' ? [width, height / 2] : [width, height];
  const patched = <T extends Waveform>(waveform: T): T => ({
    ...waveform,
    init: waveform.init.map((step) => (step[0] === TRES ? [TRES, 0, told[0] ?? 0, 0, told[1] ?? 0] : step)),
  });
  const { full, fast, partial, grey } = spec;
  return {
    ...spec,
    width,
    height,
    full: patched(full),
    ...(fast === undefined ? {} : { fast: patched(fast) }),
    ...(partial === undefined ? {} : { partial: patched(partial) }),
    ...(grey === undefined ? {} : { grey: patched(grey) }),
  };
}

/** Lives a life on the simulated panel. Whatever is wrong at its end is told in words; nothing if all is well. */
export async function liveThrough(life: Life, mutation: Mutation = {}): Promise<string[]> {
  const clock = sleepingClock();
  const plain = smallSpec(life.panel);
  const { width, height } = plain;
  const panel = new SimPanel({ panel: life.panel, width, height, clock, maxTransferBytes: life.maxTransferBytes });
  const spec = mutation.spec?.(plain) ?? plain;
  const port = mutation.port?.(panel) ?? panel;
  let epd = new Epd({ spec, port, clock });
  let last: Frame | undefined;
  let inks = spec.inks.length;
  for (const step of life.steps) {
    const mode = possibleMode(step.mode, spec, last);
    inks = mode === 'grey' ? 4 : spec.inks.length;
    const next = nextFrame(step, last, { width, height, inks });
    try {
      await epd.show(next, mode, last === undefined ? {} : { previous: last });
      if (step.sleeps) await epd.sleep();
    } catch (error) {
      if (!(error instanceof HardwareError)) throw error;
      return [error.code];
    }
    const changed = mode !== 'partial' || next.sha256 !== last?.sha256;
    const driven = panel.refreshes.at(-1)?.mode;
    if (changed && driven !== mode) return [...faultsOf(panel), `${driven} instead of ${mode}`];
    last = next;
    if (step.restarts) epd = new Epd({ spec, port, clock });
    if (panel.glass.frame(inks).sha256 !== last.sha256) return [...faultsOf(panel), `wrong glass after ${mode}`];
  }
  return faultsOf(panel);
}

function faultsOf(panel: SimPanel): string[] {
  return panel.lint.faults.map(({ code, detail }) => `${code}: ${detail}`);
}

/** A partial refresh needs two inks before and after it. */
function possibleMode(wanted: ShowMode, spec: PanelSpec, last: Frame | undefined): ShowMode {
  if (spec[wanted] === undefined) return 'full';
  return wanted === 'partial' && last?.bitsPerPixel !== 1 ? 'full' : wanted;
}

function nextFrame(
  { seed, changedBytes }: LifeStep,
  last: Frame | undefined,
  shape: { width: number; height: number; inks: number },
): Frame {
  const whole = noise(seed, shape);
  if (last === undefined || last.bitsPerPixel !== whole.bitsPerPixel) return whole;
  const data = Uint8Array.from(last.data);
  const random = seededRandom(seed);
  for (let change = 0; change < changedBytes; change += 1) {
    const at = Math.floor(random() * data.length);
    data[at] = whole.data[at] ?? 0;
  }
  return frameOf(data, { ...shape, inkCount: shape.inks });
}
