import { expect, test } from 'vitest';
import { HardwareError, type NfcReader } from '../../../hardware/index.js';
import { tagBench, tagNumber } from '../../../test/support/tech.js';
import { TagQueue } from './next-tag.js';

/** A reader on which, each time nothing new lies there, the next thing happens. */
function queueWith(...happens: ((reader: ReturnType<typeof tagBench>) => void)[]) {
  const bench = tagBench();
  const told: string[] = [];
  let trouble: HardwareError | undefined;
  const reader: NfcReader = {
    atr: async () => {
      if (trouble !== undefined) throw trouble;
      return await bench.atr();
    },
    transmit: (apdu, signal) => bench.transmit(apdu, signal),
  };
  const clock = { sleep: async () => happens.shift()?.(bench) };
  const output = { problem: (code: string) => void told.push(code) };
  const fail = (code: 'nfc.no-reader' | 'nfc.no-service' | undefined) => {
    trouble = code && new HardwareError(code, 'away');
  };
  return { queue: new TagQueue({ reader, clock, output }), told, fail };
}

const { signal } = new AbortController();

test('a tag is taken once while it lies there, and again after it was lifted', async () => {
  const tag = tagNumber(1);
  const other = tagNumber(2);
  let looks = 0;
  const again = () => {
    looks += 1;
  };
  const { queue } = queueWith(
    (reader) => reader.place(tag),
    again,
    again,
    (reader) => reader.remove(),
    (reader) => reader.place(tag),
    (reader) => reader.place(other),
  );
  const uids = [await queue.next(signal), await queue.next(signal), await queue.next(signal)];
  expect(uids).toEqual(['04000000000001', '04000000000001', '04000000000002']);
  expect(looks).toBe(2);
});

test('a reader that is away is told once, and waited for', async () => {
  const { queue, told, fail } = queueWith(
    () => fail('nfc.no-reader'),
    () => undefined,
    () => fail('nfc.no-service'),
    () => fail('nfc.no-service'),
    (reader) => {
      fail(undefined);
      reader.place(tagNumber(1));
    },
  );
  expect(await queue.next(signal)).toBe('04000000000001');
  expect(told).toEqual(['nfc.no-reader', 'nfc.no-service']);
});

test('whoever waits can be called off', async () => {
  const leave = new AbortController();
  const { queue } = queueWith(() => leave.abort(new HardwareError('nfc.stopped', 'called off')));
  await expect(queue.next(leave.signal)).rejects.toMatchObject({ code: 'nfc.stopped' });
});
