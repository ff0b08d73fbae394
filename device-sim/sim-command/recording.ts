import { z } from 'zod';
import { STEP_SCHEMAS } from '../epd/replay.js';
import type { Trace, TraceStep } from '../epd/trace.js';
import { SimError } from '../errors.js';

/** The longest recording that is read: four whole pictures of the 13.3" in hex. */
export const MOST_RECORDING_BYTES = 16 * 1024 * 1024;
/** Of one operation; the longest known has fewer than a hundred. */
const MOST_STEPS = 10_000;
const HEX_LETTERS_A_BYTE = 3;

/** Of one flow, `n` counted: twenty whole pictures of the 13.3". */
const MOST_DATA_BYTES = 20 * 1024 * 1024;

/** A recorded flow and what it is called. */
export type Flow = { names: readonly string[]; trace: Trace };

/** Operations of one driver by their names, or one flow without a name; steps are looked at when they are asked for. */
type Recording = { operations: ReadonlyMap<string, { where: string; steps: unknown }> } | { steps: unknown };

const DriversSchema = z.record(z.string(), z.object({ ops: z.record(z.string(), z.unknown()) }));
const LineSchema = z.object({ panel: z.string(), op: z.string(), steps: z.unknown() });
const FIRST_OPERATIONS = [/^init$/i, /^display/i] as const;

/**
 * Reads one flow out of a recording: an array of steps; an object of drivers with their operations; or lines of
 * `{panel, op, steps}` in a file that ends in `.jsonl`.
 * @throws SimError `sim.bad-trace` with the path of the fault, `sim.no-such-flow`
 */
export function readFlow(
  text: string,
  { file, panel, flow }: { file: string; panel: string; flow: readonly string[] | undefined },
): Flow {
  const { names, trace } = chosenFlow(text, { file, panel, flow });
  const bytes = trace.reduce(
    (sum, step) => sum + ('c' in step ? (step.n ?? step.d.length / HEX_LETTERS_A_BYTE) : 0),
    0,
  );
  if (bytes <= MOST_DATA_BYTES) return { names, trace };
  throw new SimError('sim.bad-trace', `${file}: $: ${bytes} bytes of data, the limit is ${MOST_DATA_BYTES}`);
}

function chosenFlow(
  text: string,
  { file, panel, flow }: { file: string; panel: string; flow: readonly string[] | undefined },
): Flow {
  const recording = file.endsWith('.jsonl') ? readLines(text, file, panel) : readWhole(text, file, panel);
  if ('steps' in recording) {
    if (flow === undefined) return { names: [], trace: readSteps(recording.steps, file, '$') };
    throw new SimError('sim.no-such-flow', `${file} holds one flow, which has no name`);
  }
  const { operations } = recording;
  const known = [...operations.keys()];
  const names = flow ?? FIRST_OPERATIONS.flatMap((wanted) => known.find((name) => wanted.test(name)) ?? []);
  if (names.length === 0) {
    throw new SimError('sim.no-such-flow', `${file} has nothing called init or display; it has ${listed(known)}`);
  }
  return { names, trace: names.flatMap((name) => readOperation(operations, name, file)) };
}

function readOperation(operations: ReadonlyMap<string, { where: string; steps: unknown }>, name: string, file: string) {
  const operation = operations.get(name);
  if (operation !== undefined) return readSteps(operation.steps, file, operation.where);
  throw new SimError('sim.no-such-flow', `${file} has no ${name}; it has ${listed([...operations.keys()])}`);
}

function readWhole(text: string, file: string, panel: string): Recording {
  const json = parsedJson(text, file, '$');
  if (Array.isArray(json)) return { steps: json };
  const drivers = DriversSchema.safeParse(json);
  if (!drivers.success) throw badTrace(file, '$', drivers.error);
  const names = Object.keys(drivers.data);
  const driver = names.find((name) => isDriverOf(name, panel));
  if (driver === undefined) throw noDriver(file, panel, names);
  const ops = Object.entries(drivers.data[driver]?.ops ?? {});
  return { operations: new Map(ops.map(([op, steps]) => [op, { where: `$.${driver}.ops.${op}`, steps }])) };
}

function readLines(text: string, file: string, panel: string): Recording {
  const operations = new Map<string, { where: string; steps: unknown }>();
  const panels = new Set<string>();
  for (const [at, line] of text.split('\n').entries()) {
    const where = `line ${at + 1}`;
    if (line.trim() === '') continue;
    const json = parsedJson(line, file, where);
    // The first line says where the recording is from.
    if (at === 0 && typeof json === 'object' && json !== null && 'source' in json) continue;
    const operation = LineSchema.safeParse(json);
    if (!operation.success) throw badTrace(file, where, operation.error);
    const { panel: driver, op, steps } = operation.data;
    panels.add(driver);
    if (isDriverOf(driver, panel)) operations.set(op, { where: `${where}.steps`, steps });
  }
  if (operations.size === 0) throw noDriver(file, panel, [...panels]);
  return { operations };
}

function readSteps(steps: unknown, file: string, where: string): Trace {
  if (!Array.isArray(steps)) throw new SimError('sim.bad-trace', `${file}: ${where}: not a list of steps`);
  if (steps.length > MOST_STEPS) {
    throw new SimError('sim.bad-trace', `${file}: ${where}: ${steps.length} steps, the limit is ${MOST_STEPS}`);
  }
  return steps.map((step: unknown, at) => readStep(step, file, `${where}[${at}]`));
}

/** A step is of the kind whose own key it has, so that a fault is told of the key and not of every kind. */
function readStep(step: unknown, file: string, where: string): TraceStep {
  const keys = typeof step === 'object' && step !== null ? Object.keys(step) : [];
  const kind = Object.entries(STEP_SCHEMAS).find(([key]) => keys.includes(key));
  if (kind === undefined) {
    throw new SimError('sim.bad-trace', `${file}: ${where}: none of ${Object.keys(STEP_SCHEMAS).join(', ')}`);
  }
  const read = kind[1].safeParse(step);
  if (read.success) return read.data;
  throw badTrace(file, where, read.error);
}

function parsedJson(text: string, file: string, where: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new SimError('sim.bad-trace', `${file}: ${where}: no JSON: ${reason}`, { cause });
  }
}

function isDriverOf(driver: string, panel: string): boolean {
  return [panel, `epd${panel}`].some((name) => name.toLowerCase() === driver.toLowerCase());
}

function noDriver(file: string, panel: string, drivers: readonly string[]): SimError {
  return new SimError('sim.no-such-flow', `${file} holds nothing of ${panel}; it has ${listed(drivers)}`);
}

function listed(names: readonly string[]): string {
  return names.length === 0 ? 'nothing' : names.join(', ');
}

function badTrace(file: string, where: string, { issues }: z.ZodError): SimError {
  const [first] = issues;
  const inside = (first?.path ?? []).map((key) => (typeof key === 'number' ? `[${key}]` : `.${String(key)}`)).join('');
  return new SimError('sim.bad-trace', `${file}: ${where}${inside}: ${first?.message}`);
}
