import { z } from 'zod';
import type { SimPanel } from './sim-panel.js';
import type { ChipsHeard, Trace, TraceStep } from './trace.js';

/** Twice the largest plane, that of one half of the 13.3". */
const MOST_DATA_BYTES = 960_000;
const HEX_LETTERS_A_BYTE = 3;
/** Any pause of a driver is shorter. */
const MOST_WAIT_MS = 24 * 60 * 60 * 1_000;

const HexSchema = z
  .string({ error: 'not bytes in hex' })
  .max(MOST_DATA_BYTES * HEX_LETTERS_A_BYTE, { abort: true, error: `more than ${MOST_DATA_BYTES} bytes` })
  .regex(/^([0-9A-F]{2}( [0-9A-F]{2})*( \.\.)?)?$/i, 'not bytes in hex');
const LevelSchema = z.union([z.literal(0), z.literal(1)], { error: 'neither 0 nor 1' });

/** Each kind of step, by the key that only it has. */
export const STEP_SCHEMAS = {
  rst: z.strictObject({ rst: LevelSchema }),
  pwr: z.strictObject({ pwr: LevelSchema }),
  wait_ms: z.strictObject({ wait_ms: z.number().min(0).max(MOST_WAIT_MS) }),
  busy: z.strictObject({ busy: z.literal('wait idle') }),
  c: z.strictObject({
    c: z.string().regex(/^[0-9A-F]{2}$/i, 'not one byte in hex'),
    d: HexSchema,
    n: z.int().min(1).max(MOST_DATA_BYTES).optional(),
    cs: z.enum(['M', 'S', 'MS']).optional(),
  }),
} as const;

/** A recorded trace, step by step, in the shape in which `SimPanel.trace` gives them. */
export const TraceSchema = z.array(z.union(Object.values(STEP_SCHEMAS)));

const POLL_MS = 20;
/** Longer than any glass takes. */
const GIVE_UP_MS = 120_000;
const LINES: Record<ChipsHeard, readonly ('cs-m' | 'cs-s')[]> = { M: ['cs-m'], S: ['cs-s'], MS: ['cs-m', 'cs-s'] };

/** Sends a recorded trace over a panel's wires. Data that was cut short in it goes on with its last byte. */
export async function replayTrace(panel: SimPanel, trace: Trace): Promise<void> {
  for (const step of trace) await replayStep(panel, step);
}

async function replayStep(panel: SimPanel, step: TraceStep): Promise<void> {
  const { gpio, clock } = panel;
  if ('rst' in step) await gpio.set('rst', step.rst);
  else if ('pwr' in step) await gpio.set('pwr', step.pwr);
  else if ('wait_ms' in step) await clock.sleep(step.wait_ms);
  else if ('busy' in step) await waitUntilIdle(panel);
  else await send(panel, step);
}

async function waitUntilIdle({ gpio, clock, model }: SimPanel): Promise<void> {
  const began = clock.monotonic();
  while ((await gpio.get('busy')) === model.busyLevel && clock.monotonic() - began < GIVE_UP_MS) {
    await clock.sleep(POLL_MS);
  }
}

async function send({ gpio, spi }: SimPanel, step: Extract<TraceStep, { c: string }>): Promise<void> {
  const lines = step.cs === undefined ? [] : LINES[step.cs];
  for (const line of lines) await gpio.set(line, 0);
  await gpio.set('dc', 0);
  await spi.transfer(bytesOf(step.c));
  await gpio.set('dc', 1);
  const data = wholeData(step);
  for (let at = 0; at < data.length; at += spi.maxTransferBytes) {
    await spi.transfer(data.subarray(at, at + spi.maxTransferBytes));
  }
  for (const line of lines) await gpio.set(line, 1);
}

function wholeData({ d, n }: { d: string; n?: number }): Uint8Array {
  const known = bytesOf(d);
  if (n === undefined) return known;
  const data = new Uint8Array(n).fill(known.at(-1) ?? 0);
  data.set(known);
  return data;
}

function bytesOf(hex: string): Uint8Array {
  return Buffer.from(hex.replace(/[ .]/g, ''), 'hex');
}
