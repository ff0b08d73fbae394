import { expect, test } from 'vitest';
import { CHECKS, judge } from './checks.js';
import { StepSchema } from './history.js';
import { lived, TINY_PAIRS } from './tiny-histories.js';

test.each(TINY_PAIRS)(
  '$breaks is broken by $by, and by nothing beside it',
  ({ breaks, right, wrong, context, wrongContext }) => {
    const before = judge(lived(right), context ?? {});
    expect(before).toEqual([]);
    const after = judge(lived(wrong), wrongContext ?? context ?? {});
    expect([...new Set(after.map(({ id }) => id))]).toEqual([breaks]);
    expect(after.every(({ promise }) => promise === CHECKS[breaks].promise)).toBe(true);
  },
);

test('every invariant has a history that breaks it', () => {
  expect(Object.keys(CHECKS).filter((id) => !TINY_PAIRS.some(({ breaks }) => breaks === id))).toEqual([]);
});

test('every tiny history is one that a process could have written', () => {
  const steps = TINY_PAIRS.flatMap(({ right, wrong }) => [...lived(right), ...lived(wrong)]);
  expect(steps.filter((step) => !StepSchema.safeParse(step).success)).toEqual([]);
});
