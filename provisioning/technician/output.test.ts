import { expect, test } from 'vitest';
import { outputTo } from './output.js';

function said(json: boolean) {
  const told = { out: '', err: '' };
  const stdout = (text: string): void => {
    told.out += text;
  };
  const stderr = (text: string): void => {
    told.err += text;
  };
  return { told, output: outputTo({ stdout, stderr }, { json }) };
}

test('a person gets words, and a program one line of JSON for each result', () => {
  const person = said(false);
  person.output.result({ ok: true }, 'done');
  person.output.aside('wait');
  person.output.failure('tag.malformed', 'garbage');
  expect(person.told).toEqual({ out: 'done\n', err: 'wait\ntag.malformed: garbage\n' });
  const program = said(true);
  program.output.result({ ok: true }, 'done');
  program.output.aside('wait');
  program.output.failure('tag.malformed', 'garbage');
  const lines = ['{"ok":true}', '{"ok":false,"code":"tag.malformed","message":"garbage"}', ''];
  expect(program.told).toEqual({ out: lines.join('\n'), err: 'tag.malformed: garbage\n' });
});

test('what stands on a tag does not command the terminal', () => {
  const { output, told } = said(false);
  output.result({}, 'a link: \u001b]0;owned\u0007\u202e\u0000 end\nnext');
  expect(told.out).toBe('a link:  ]0;owned  end\nnext\n');
});
