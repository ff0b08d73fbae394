import { expect, test } from 'vitest';
import { aFrame, StillClock, settle } from '../../test/support/hub-site.js';
import { IdleRenderer } from './idle-renderer.js';

const INPUT = { kind: 'bound', householdName: 'Anna' } as const;
const TARGET = { width: 8, height: 1, inks: ['black', 'white'] };

/** Counts what was started and stopped; the first starts may fail. */
function idleRenderer({ failures = 0 } = {}) {
  const clock = new StillClock();
  const seen = { started: 0, stopped: 0 };
  const start = async () => {
    seen.started += 1;
    if (seen.started <= failures) throw new RangeError('no library');
    return {
      render: async () => aFrame(1),
      stop: async () => {
        seen.stopped += 1;
      },
    };
  };
  return { clock, seen, renderer: new IdleRenderer({ start, idleMs: 1000, clock }) };
}

test('nothing is started before there is something to draw, and messages in a row share one', async () => {
  const { clock, seen, renderer } = idleRenderer();
  expect(seen.started).toBe(0);
  await renderer.render(INPUT, TARGET);
  clock.advance(999);
  await Promise.all([renderer.render(INPUT, TARGET), renderer.render(INPUT, TARGET)]);
  clock.advance(999);
  await settle();
  expect(seen).toEqual({ started: 1, stopped: 0 });
});

test('a renderer that has been idle is let go, and the next message gets another', async () => {
  const { clock, seen, renderer } = idleRenderer();
  await renderer.render(INPUT, TARGET);
  await settle();
  clock.advance(1000);
  await settle();
  expect(seen).toEqual({ started: 1, stopped: 1 });
  await renderer.render(INPUT, TARGET);
  expect(seen.started).toBe(2);
});

test('a start that failed fails its message alone', async () => {
  const { renderer } = idleRenderer({ failures: 1 });
  await expect(renderer.render(INPUT, TARGET)).rejects.toThrow('no library');
  expect(await renderer.render(INPUT, TARGET)).toEqual(aFrame(1));
});

test('stopping lets it go at once, and may be done twice', async () => {
  const { seen, renderer } = idleRenderer();
  await renderer.render(INPUT, TARGET);
  await renderer.stop();
  await renderer.stop();
  expect(seen).toEqual({ started: 1, stopped: 1 });
});
