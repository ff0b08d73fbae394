import { expect, test } from 'vitest';
import { type Candidate, chooseDisplay } from './choose-display.js';

const small: Candidate = { id: 'a', width: 400, height: 300, inks: ['black', 'white'], online: true, busy: false };
const large = { ...small, id: 'b', width: 800, height: 480 };
const coloured = { ...small, id: 'c', inks: ['black', 'white', 'red'] };

test('text goes to the largest display, a picture to the one with most colours', () => {
  expect(chooseDisplay([small, large, coloured], false)?.id).toBe('b');
  expect(chooseDisplay([small, large, coloured], true)?.id).toBe('c');
});

test('a display that is there and free comes before a better one that is not', () => {
  expect(chooseDisplay([small, { ...large, busy: true }], false)?.id).toBe('a');
  expect(chooseDisplay([small, { ...large, online: false }], false)?.id).toBe('a');
  expect(
    chooseDisplay(
      [
        { ...small, online: false },
        { ...large, busy: true },
      ],
      false,
    )?.id,
  ).toBe('b');
});

test('equal displays are told apart by their id, and none is none', () => {
  expect(chooseDisplay([{ ...small, id: 'z' }, small], false)?.id).toBe('a');
  expect(chooseDisplay([], false)).toBeUndefined();
});
