import { expect, test } from 'vitest';
import { RECEIVE_MAXIMUM, Reception } from './reception.js';

/** A reception whose messages are done, or fail, when the test says so. */
function rig() {
  const written: string[] = [];
  const failures: unknown[] = [];
  const signals: AbortSignal[] = [];
  const held = new Map<string, { done: () => void; fail: (error: unknown) => void }>();
  const reception = new Reception({
    handle: (topic, _payload, signal) =>
      new Promise<void>((resolve, reject) => {
        signals.push(signal);
        held.set(topic, { done: resolve, fail: reject });
      }),
    write: (bytes) => written.push(bytes.toString('hex')),
    onFailure: (error) => failures.push(error),
  });
  let nexts = 0;
  const take = (messageId: number | undefined) => {
    const arrival = { messageId, topic: String(messageId), payload: Buffer.alloc(0) };
    reception.take(arrival, () => {
      nexts += 1;
    });
  };
  return { reception, written, failures, signals, held, take, nexts: () => nexts };
}

/** Until what is done by now is told too. */
async function turn(): Promise<void> {
  for (let round = 0; round < 2; round += 1) await new Promise<void>((resolve) => setImmediate(resolve));
}

test('messages are handled at once and acknowledged in the order in which they came', async () => {
  const { reception, written, held, take, nexts } = rig();
  for (const id of [1, 2, 0x1234]) take(id);
  expect(nexts()).toBe(3);
  held.get('2')?.done();
  await turn();
  expect(written).toEqual([]);
  held.get('1')?.done();
  await turn();
  expect(written).toEqual(['4002000140020002']);
  const idle = reception.idle();
  held.get(String(0x1234))?.done();
  await idle;
  expect(written).toEqual(['4002000140020002', '40021234']);
});

test('a broker that sends more than it may is not read on until there is room', async () => {
  const { held, take, nexts } = rig();
  for (let id = 1; id <= RECEIVE_MAXIMUM; id += 1) take(id);
  expect(nexts()).toBe(RECEIVE_MAXIMUM - 1);
  held.get('1')?.done();
  await turn();
  expect(nexts()).toBe(RECEIVE_MAXIMUM);
});

test('what was sent without asking for an acknowledgement gets none', async () => {
  const { reception, written, held, take } = rig();
  take(undefined);
  held.get('undefined')?.done();
  await reception.idle();
  expect(written).toEqual([]);
});

test('a message that cannot be stored is told once, and nothing behind it is acknowledged', async () => {
  const { written, failures, held, take } = rig();
  for (const id of [1, 2]) take(id);
  const away = new TypeError('away');
  held.get('1')?.fail(away);
  held.get('2')?.done();
  await turn();
  expect(failures).toEqual([away]);
  expect(written).toEqual([]);
});

test('when the connection is over nothing is acknowledged, and whoever still tries is told', async () => {
  const { reception, written, failures, held, signals, take } = rig();
  take(1);
  take(2);
  reception.end();
  await reception.idle();
  expect(signals.every(({ aborted }) => aborted)).toBe(true);
  held.get('1')?.done();
  held.get('2')?.fail(new TypeError('away'));
  await turn();
  expect(written).toEqual([]);
  expect(failures).toEqual([]);
});
