import { readFileSync } from 'node:fs';
import path from 'node:path';
import { z } from 'zod';
import { TraceSchema } from '../../device-sim/epd/replay.js';
import type { Trace } from '../../device-sim/epd/trace.js';
import type { ShowMode } from '../../hardware/index.js';

/** One way in which the vendor brings a picture onto a panel. */
export interface VendorFlow {
  readonly panel: string;
  readonly mode: ShowMode;
  /** Operations of the recorded driver, in order. */
  readonly ops: readonly string[];
}

const LineSchema = z.object({ panel: z.string(), op: z.string(), steps: TraceSchema });

/** Recorded operations, by `panel/op`. */
const RECORDED: ReadonlyMap<string, Trace> = new Map(
  readFileSync(path.join(import.meta.dirname, '..', 'golden-traces', 'vendor-traces.jsonl'), 'utf8')
    .split('\n')
    .slice(1)
    .filter((line) => line !== '')
    .map((line) => LineSchema.parse(JSON.parse(line)))
    .map(({ panel, op, steps }) => [`${panel}/${op}`, steps.map(withoutAbsent)]),
);

/** The 29 flows of the recorded drivers; a partial refresh begins with the picture that it changes. */
export const VENDOR_FLOWS: readonly VendorFlow[] = [
  flow('2in13_V4', 'full', 'init', 'display'),
  flow('2in13_V4', 'fast', 'init_fast', 'display_fast'),
  flow('2in13_V4', 'partial', 'init', 'displayPartBaseImage', 'displayPartial'),
  flow('2in9_V2', 'full', 'init', 'display'),
  flow('2in9_V2', 'fast', 'init_Fast', 'display'),
  flow('2in9_V2', 'partial', 'init', 'display_Base', 'display_Partial'),
  flow('2in9_V2', 'grey', 'Init_4Gray', 'display_4Gray'),
  flow('2in7_V2', 'full', 'init', 'display'),
  flow('2in7_V2', 'fast', 'init_Fast', 'display_Fast'),
  flow('2in7_V2', 'grey', 'Init_4Gray', 'display_4Gray'),
  flow('4in2_V2', 'full', 'init', 'display'),
  flow('4in2_V2', 'fast', 'init_fast:0', 'display_Fast'),
  flow('4in2_V2', 'partial', 'init', 'display', 'display_Partial'),
  flow('4in2_V2', 'grey', 'Init_4Gray', 'display_4Gray'),
  flow('5in83_V2', 'full', 'init', 'display'),
  flow('5in83_V2', 'fast', 'init_Fast', 'display_Fast'),
  flow('5in83_V2', 'partial', 'init', 'display', 'init_Part', 'display_Partial'),
  flow('5in83_V2', 'grey', 'init_4GRAY', 'display_4Gray'),
  flow('7in5_V2', 'full', 'init', 'display'),
  flow('7in5_V2', 'fast', 'init_fast', 'display'),
  flow('7in5_V2', 'partial', 'init', 'display', 'init_part', 'display_Partial'),
  flow('7in5_V2', 'grey', 'init_4Gray', 'display_4Gray'),
  flow('7in5b_V2', 'full', 'init', 'display2'),
  flow('7in5b_V2', 'fast', 'init_Fast', 'display2'),
  flow('7in5b_V2', 'partial', 'init', 'display_Base_color', 'init_part', 'display_Partial'),
  flow('7in3f', 'full', 'init', 'display'),
  flow('7in3e', 'full', 'init', 'display'),
  flow('4in0e', 'full', 'init', 'display'),
  flow('13in3e', 'full', 'Init', 'display'),
];

/** What the vendor's driver sends for one operation, recorded. */
export function vendorTrace(panel: string, op: string): Trace {
  const trace = RECORDED.get(`${panel}/${op}`);
  if (trace === undefined) throw new RangeError(`nothing recorded of ${panel}, ${op}`);
  return trace;
}

function flow(panel: string, mode: ShowMode, ...ops: string[]): VendorFlow {
  return { panel, mode, ops };
}

function withoutAbsent(step: z.infer<typeof TraceSchema>[number]): Trace[number] {
  if (!('c' in step)) return step;
  const { c, d, n, cs } = step;
  return { c, d, ...(n === undefined ? {} : { n }), ...(cs === undefined ? {} : { cs }) };
}
