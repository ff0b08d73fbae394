import pino from 'pino';
import { expect, test } from 'vitest';
import { StandingClock } from '../../test/support/cloud-devices.js';
import { CloudError } from '../errors.js';
import { Metrics } from '../metrics.js';
import { UpIntake } from './up-intake.js';

const STATE = 'inklet/dev/inklet-a/up/state';
const OF_ANOTHER = 'inklet/dev/inklet-b/up/state';
const HEARTBEAT = 'inklet/dev/inklet-a/up/heartbeat';
const WAITS_MS = [250, 500, 1000, 2000, 4000];

/** An intake over a database that refuses what `refuses` names. */
function rig(
  refuses: (topic: string, payload: string) => boolean,
  { canPark = true, failure = new TypeError('not now') }: { canPark?: boolean; failure?: Error } = {},
) {
  const clock = new StandingClock();
  const metrics = new Metrics();
  const stored: string[] = [];
  const parked: string[] = [];
  let tries = 0;
  const intake = new UpIntake({
    take: async (topic, payload) => {
      tries += 1;
      if (refuses(topic, payload.toString())) throw failure;
      stored.push(payload.toString());
    },
    park: async (_topic, payload) => {
      if (!canPark) throw new TypeError('away');
      parked.push(payload.toString());
    },
    clock,
    log: pino({ level: 'silent' }),
    metrics,
  });
  const alive = new AbortController().signal;
  const say = (topic: string, text: string, signal = alive) => intake.handle(topic, Buffer.from(text), signal);
  return { clock, stored, parked, say, tries: () => tries, metrics };
}

const turn = () => new Promise<void>((resolve) => setImmediate(resolve));

async function waitAll(clock: StandingClock): Promise<void> {
  for (const waitMs of WAITS_MS) {
    await turn();
    clock.pass(waitMs);
  }
  await turn();
}

test('a message that fails for a while is stored when it can be, before the next of its hub', async () => {
  let isAway = true;
  const { clock, stored, say } = rig((_topic, text) => isAway && text === 'one');
  const both = [say(STATE, 'one'), say(STATE, 'two')];
  await turn();
  clock.pass(250);
  await turn();
  isAway = false;
  clock.pass(500);
  await Promise.all(both);
  expect(stored).toEqual(['one', 'two']);
});

test('a hub whose message fails holds up neither other hubs nor its own heartbeats', async () => {
  const { stored, say } = rig((topic) => topic === STATE);
  void say(STATE, 'stuck');
  await Promise.all([say(OF_ANOTHER, 'other'), say(HEARTBEAT, 'beat')]);
  expect(stored).toEqual(expect.arrayContaining(['other', 'beat']));
});

test('a message that fails for long is put aside and lets the next of its hub pass', async () => {
  const { clock, stored, parked, say, tries } = rig((_topic, text) => text === 'stuck');
  const both = [say(STATE, 'stuck'), say(STATE, 'next')];
  await waitAll(clock);
  await Promise.all(both);
  expect(parked).toEqual(['stuck']);
  expect(stored).toEqual(['next']);
  expect(tries()).toBe(7);
});

// Seen as: a hub that was dead for half an hour and was shown as online, by a heartbeat of before.
test('a heartbeat that fails for long is dropped and counted, and never comes back later', async () => {
  const { clock, parked, say, metrics } = rig(() => true);
  const done = say(HEARTBEAT, 'beat');
  await waitAll(clock);
  await done;
  expect(parked).toEqual([]);
  expect(metrics.render()).toContain('inklet_link_heartbeats_dropped_total 1');
});

test('a heartbeat that comes while the database is out of reach is left to the broker', async () => {
  const failure = new CloudError('database.failed', '08006', { sqlState: '08006' });
  const { clock, parked, say } = rig(() => true, { failure });
  const refused = expect(say(HEARTBEAT, 'beat')).rejects.toBe(failure);
  await waitAll(clock);
  await refused;
  expect(parked).toEqual([]);
});

test('what can be neither stored nor put aside is left to the broker', async () => {
  const { clock, say } = rig(() => true, { canPark: false });
  const refused = expect(say(STATE, 'lost?')).rejects.toThrow('away');
  await waitAll(clock);
  await refused;
});

test('nobody tries any more once the connection is over', async () => {
  const over = new AbortController();
  const { clock, say, tries } = rig(() => true);
  const refused = expect(say(STATE, 'again later', over.signal)).rejects.toThrow('This operation was aborted');
  await turn();
  over.abort();
  await refused;
  clock.pass(10_000);
  await turn();
  expect(tries()).toBe(1);
});
