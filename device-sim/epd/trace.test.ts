import { expect, test } from 'vitest';
import { TraceRecorder } from './trace.js';

const PLANE = Uint8Array.from({ length: 300 }, (_, at) => at);

test('looks at BUSY between the pieces of a plane do not cut it short', () => {
  const recorder = new TraceRecorder();
  recorder.command(0x10);
  recorder.data(PLANE);
  recorder.busy();
  recorder.data(PLANE);
  recorder.busy();
  recorder.command(0x12);
  expect(recorder.steps).toEqual([{ c: '10', d: '00 01 02 03 ..', n: 600 }, { busy: 'wait idle' }, { c: '12', d: '' }]);
});

test('pauses between looks at BUSY are part of the wait, a pause after it is one of its own', () => {
  const recorder = new TraceRecorder();
  recorder.reset(1);
  recorder.wait(20);
  recorder.command(0x04);
  for (let look = 0; look < 3; look += 1) {
    recorder.busy();
    recorder.wait(5);
  }
  recorder.wait(200);
  recorder.command(0x12);
  expect(recorder.steps).toEqual([
    { rst: 1 },
    { wait_ms: 20 },
    { c: '04', d: '' },
    { busy: 'wait idle' },
    { wait_ms: 205 },
    { c: '12', d: '' },
  ]);
});

test('all data is kept if it is asked for', () => {
  const recorder = new TraceRecorder({ whole: true });
  recorder.command(0x10, 'S');
  recorder.data(PLANE);
  const [step] = recorder.steps;
  expect(step).toMatchObject({ c: '10', cs: 'S', d: expect.stringMatching(/^00 01 02 .* 2A 2B$/) });
  expect(step).not.toHaveProperty('n');
});
