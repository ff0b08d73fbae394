import { z } from 'zod';

const RANGE = /^(\d{1,5})(?:-(\d{1,5}))?$/;
const MAX_BATCH = 0xffff;
const WHAT = `is no range of batches from 0 to ${MAX_BATCH}, such as 7 or 1-1000`;

/** `1-1000`, or one number; may be given more than once. */
export const batchRangesFlag = z.array(
  z.string().transform((text, context) => {
    const [, first = '', last = first] = RANGE.exec(text) ?? [];
    const [from, to] = [Number(first), Number(last)];
    if (first !== '' && from <= to && to <= MAX_BATCH) return { from, to };
    context.addIssue({ code: 'custom', message: WHAT });
    return z.NEVER;
  }),
);
