import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { readFlow } from './recording.js';

const LINES = new URL('../../test/golden-traces/vendor-traces.jsonl', import.meta.url);
const DRIVERS = JSON.stringify({
  epd13in3E: { width: 1200, height: 1600, ops: { Init: [{ rst: 1 }], display: [{ c: '12', d: '' }], odd: [{ c: 1 }] } },
  epd4in2b_V2: { width: 400, height: 300, ops: {} },
});

function flowOf(text: string, names?: readonly string[], { file = 'trace.json', panel = '13in3e' } = {}) {
  return readFlow(text, { file, panel, flow: names });
}

test('an array of steps is one flow', () => {
  expect(flowOf('[{"rst":0},{"c":"12","d":"","cs":"MS"}]')).toEqual({
    names: [],
    trace: [{ rst: 0 }, { c: '12', d: '', cs: 'MS' }],
  });
});

test('of an object of drivers, the one of the panel is read, and by default its first picture', () => {
  expect(flowOf(DRIVERS)).toEqual({ names: ['Init', 'display'], trace: [{ rst: 1 }, { c: '12', d: '' }] });
  expect(flowOf(DRIVERS, ['display']).trace).toEqual([{ c: '12', d: '' }]);
});

test('of lines, those of the panel are read', () => {
  const { names, trace } = flowOf(readFileSync(LINES, 'utf8'), undefined, { file: 'a.jsonl', panel: '7in5b_V2' });
  expect(names).toEqual(['init', 'display2']);
  expect(trace.length).toBeGreaterThan(10);
});

test.each([
  ['', '$: no JSON'],
  ['[{"rst":1},', '$: no JSON'],
  ['7', '$: '],
  ['{"epd13in3E":{"ops":[]}}', '$.epd13in3E.ops: '],
  ['[{"rst":1},{"c":"12","d":"0"}]', '$[1].d: not bytes in hex'],
  ['[{"rst":1},{"c":"1234","d":""}]', '$[1].c: not one byte in hex'],
  ['[{"rst":2}]', '$[0].rst: neither 0 nor 1'],
  ['[{"c":"12"}]', '$[0].d: not bytes in hex'],
  ['[{"c":"12","d":"","n":0}]', '$[0].n: '],
  ['[{"c":"12","d":"","n":1e15}]', '$[0].n: '],
  ['[{"wait_ms":1e300}]', '$[0].wait_ms: '],
  ['[{"busy":"no"}]', '$[0].busy: '],
  ['[{"rst":1,"pwr":1}]', '$[0]: Unrecognized key: "pwr"'],
  ['[null]', '$[0]: none of rst, pwr, wait_ms, busy, c'],
  ['[{"sing":1}]', '$[0]: none of rst, pwr, wait_ms, busy, c'],
  [JSON.stringify(Array.from({ length: 10_001 }, () => ({ rst: 1 }))), '$: 10001 steps, the limit is 10000'],
  [
    JSON.stringify(Array.from({ length: 30 }, () => ({ c: '10', d: 'FF ..', n: 960_000 }))),
    '$: 28800000 bytes of data',
  ],
])('%# a trace that is none is refused with the path of its fault', (text, where) => {
  const refused = expect.objectContaining({ code: 'sim.bad-trace', message: expect.stringContaining(where) });
  expect(() => flowOf(text)).toThrow(refused);
});

test('a fault inside an operation is told with its driver, and inside a line with its number', () => {
  expect(() => flowOf(DRIVERS, ['odd'])).toThrow('trace.json: $.epd13in3E.ops.odd[0].c: ');
  const lines = '{"source":"x"}\n{"panel":"13in3e","op":"init","steps":[{"rst":7}]}\n{"panel":';
  const file = 'a.jsonl';
  expect(() => flowOf(lines, undefined, { file })).toThrow('a.jsonl: line 3: no JSON');
  expect(() => flowOf(lines.split('\n').slice(0, 2).join('\n'), undefined, { file })).toThrow('line 2.steps[0].rst: ');
});

test.each([
  [DRIVERS, ['sideways'], '13in3e', 'trace.json has no sideways; it has Init, display, odd'],
  [DRIVERS, ['toString'], '13in3e', 'has no toString'],
  [DRIVERS, undefined, '7in5_V2', 'holds nothing of 7in5_V2; it has epd13in3E, epd4in2b_V2'],
  [DRIVERS, undefined, '4in2b_V2', 'nothing called init or display; it has nothing'],
  ['{}', undefined, '7in5_V2', 'holds nothing of 7in5_V2; it has nothing'],
  ['[]', ['init'], '13in3e', 'holds one flow, which has no name'],
])('%# a flow that the recording has not is refused with those that it has', (text, names, panel, reason) => {
  const refused = expect.objectContaining({ code: 'sim.no-such-flow', message: expect.stringContaining(reason) });
  expect(() => flowOf(text, names, { panel })).toThrow(refused);
});
