import { describe, expect, test } from 'vitest';
import { parseFaultOptions } from './options.js';

const parse = (...argv: string[]) => parseFaultOptions(argv, () => 7);

describe('the flags of the fault command', () => {
  test('twenty rounds, four at a time, by a seed of its own, unless it is told otherwise', () => {
    const options = { what: 'provisioning', rounds: 20, seed: 7, atOnce: 4, json: false };
    expect(parse('provisioning')).toEqual({ ok: true, options });
    expect(parse('--rounds', '3', 'provisioning', '--seed=0', '--at-once', '1', '--json')).toEqual({
      ok: true,
      options: { ...options, rounds: 3, seed: 0, atOnce: 1, json: true },
    });
  });

  test('help is given whatever else is asked for', () => {
    expect(parse('--help')).toEqual({ ok: true, options: 'help' });
  });

  test.each([
    [['--rounds', '0'], '--rounds is below 1'],
    [['--rounds', 'many'], '--rounds is not a whole number'],
    [['--at-once', '65'], '--at-once is above 64'],
    [['--seed', '4294967296'], '--seed is above 4294967295'],
    [['--loudly'], '--loudly'],
    [['provisioning', 'twice'], 'say what is to be tried'],
    [['everything'], 'say what is to be tried: provisioning, rotation, queue'],
    [[], 'say what is to be tried'],
  ])('%j is told', (argv, problem) => {
    const parsed = parse(...argv);
    expect(parsed.ok ? [] : parsed.problems.join('; ')).toContain(problem);
  });
});
