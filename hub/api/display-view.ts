import { z } from 'zod';
import { DisplayStateSchema, TimestampSchema } from '../../contract/index.js';
import { timestamp } from '../boot.js';
import type { HeldBack } from '../display/paint-loop.js';

/** A display as the household sees it: also why something that was asked for is not on the glass yet. */
export const DisplayViewSchema = DisplayStateSchema.extend({
  heldBack: z
    .object({
      why: z.enum(['too-soon', 'too-cold', 'too-hot']),
      until: TimestampSchema.nullable().describe('null where nobody knows'),
    })
    .nullable()
    .describe('why what is to be drawn waits for the sake of the glass'),
});

export type DisplayView = z.infer<typeof DisplayViewSchema>;

export function heldBackView(heldBack: HeldBack | undefined): DisplayView['heldBack'] {
  if (heldBack === undefined) return null;
  const { why, untilMs } = heldBack;
  return { why, until: untilMs === undefined ? null : timestamp(untilMs) };
}
