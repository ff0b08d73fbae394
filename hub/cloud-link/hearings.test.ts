import { expect } from 'vitest';
import { ProvisioningError } from '../../provisioning/index.js';
import { test as base, SILENT, settle } from '../../test/support/hub-site.js';
import { Hearings } from './hearings.js';

const TOPIC = '$aws/things/inklet-aaaaaaaaaaaaaaaa/jobs/notify-next';
const STEADY_MS = 20_000;

/** Connections one after the other, and the code by which each refuses to be heard on; undefined: it does not. */
const test = base.extend('line', async ({ site: { clock } }, { onCleanup }) => {
  const hearings = new Hearings({ clock, log: SILENT });
  const over = new AbortController();
  const mending: Promise<void>[] = [];
  onCleanup(async () => {
    over.abort();
    await Promise.all(mending);
  });
  const broker: { refusal: ProvisioningError['code'] | undefined; asked: number } = { refusal: undefined, asked: 0 };
  const connection = () => {
    const heard = new Set<string>();
    const subscribe = async (filters: readonly string[], _handler: unknown, signal?: AbortSignal) => {
      signal?.throwIfAborted();
      broker.asked += 1;
      if (broker.refusal !== undefined) throw new ProvisioningError(broker.refusal, 'as the test wishes');
      for (const filter of filters) heard.add(filter);
      return () => heard.clear();
    };
    return { heard, subscribe };
  };
  const first = connection();
  const stopHearing = await hearings.add(first, [TOPIC], () => undefined);
  /** A new connection; `mend` once it holds. */
  const connect = async (signal = over.signal) => {
    const session = connection();
    const moved = await hearings.moveTo(session, signal).then(
      () => true,
      () => false,
    );
    const mend = () => void mending.push(hearings.mend(session, signal));
    return { ...session, moved, mend };
  };
  const pass = async (ms: number) => {
    await settle();
    clock.advance(ms);
    await settle();
  };
  return { broker, connect, pass, stopHearing };
});

// A hub that had lost its line three times at the wrong moment never heard of a job again.
test.for(['link.lost', 'link.not-allowed', 'link.throttled'] as const)(
  'what could not be heard for a while (%s) is heard again once a connection holds',
  async (refusal, { line: { broker, connect, pass } }) => {
    broker.refusal = refusal;
    for (let tries = 0; tries < 5; tries += 1) await connect();
    const { heard, moved, mend } = await connect();
    expect(moved).toBe(true);
    broker.refusal = undefined;
    mend();
    await pass(STEADY_MS - 1);
    expect([...heard]).toEqual([]);
    await pass(1);
    expect([...heard]).toEqual([TOPIC]);
  },
);

test('a topic on which the broker hangs up costs ever fewer connections', async ({ line }) => {
  const { broker, connect, pass } = line;
  broker.refusal = 'link.lost';
  for (let tries = 0; tries < 3; tries += 1) expect((await connect()).moved).toBe(false);
  for (const waitMs of [STEADY_MS, 2 * STEADY_MS, 4 * STEADY_MS]) {
    const { moved, mend } = await connect();
    expect(moved).toBe(true);
    mend();
    const { asked } = broker;
    await pass(waitMs - 1);
    expect(broker.asked).toBe(asked);
    await pass(1);
    expect(broker.asked).toBe(asked + 1);
  }
});

test('a connection that the hub itself leaves is no strike', async ({ line: { broker, connect } }) => {
  for (let tries = 0; tries < 5; tries += 1) await connect(AbortSignal.abort());
  expect(broker.asked).toBe(1);
  expect([...(await connect()).heard]).toEqual([TOPIC]);
});

test('what nobody wants to hear any more is not asked for', async ({ line }) => {
  const { broker, connect, stopHearing } = line;
  stopHearing();
  expect([...(await connect()).heard]).toEqual([]);
  expect(broker.asked).toBe(1);
});
