import { expect, test } from 'vitest';
import type { Clock, Level, PanelLine, PanelPort } from '../ports.js';
import { Epd } from './epd.js';
import { frameOf } from './frame.js';
import type { PanelSpec } from './panel-spec.js';
import { panelSpec } from './panels.js';

const spec = panelSpec('7in5_V2');
const FRAME = frameOf(new Uint8Array(48_000), { width: 800, height: 480, inkCount: 2 });

/** Time that passes only in sleep. */
function sleepingClock(): Clock {
  let elapsedMs = 0;
  return {
    now: () => elapsedMs,
    monotonic: () => elapsedMs,
    sleep: async (ms, signal) => {
      signal?.throwIfAborted();
      elapsedMs += ms;
    },
  };
}

/** Wires on which BUSY says what it is told to, and everything else is written down. */
class RecordingPort implements PanelPort {
  readonly log: string[] = [];
  busy: () => Level = () => 0;
  readonly spi = {
    maxTransferBytes: 4_096,
    transfer: async (bytes: Uint8Array): Promise<void> => {
      this.log.push(bytes.length > 16 ? `${bytes.length} bytes` : Buffer.from(bytes).toString('hex'));
    },
  };
  readonly gpio = {
    set: async (line: Exclude<PanelLine, 'busy'>, level: Level): Promise<void> => {
      this.log.push(`${line}=${level}`);
    },
    get: async (): Promise<Level> => this.busy(),
  };
}

const wires = test.extend<{ port: RecordingPort; clock: Clock; epd: Epd }>({
  port: async ({ task: _ }, use) => use(new RecordingPort()),
  clock: async ({ task: _ }, use) => use(sleepingClock()),
  epd: async ({ port, clock }, use) => use(new Epd({ spec, port, clock })),
});

/** BUSY that is held at the first look after a command that raises it, and then released. */
function answering({ log }: RecordingPort): () => Level {
  let seen = 0;
  return () => {
    const raises = log.length > seen && ['02', '04', '12'].includes(log.at(-1) ?? '');
    seen = log.length;
    return raises ? 0 : 1;
  };
}

wires('waking switches the module on, resets it and sends what chooses the waveform', async ({ port, epd }) => {
  port.busy = answering(port);
  await epd.wake('fast');
  expect(port.log).toEqual([
    ...['pwr=1', 'rst=1', 'rst=0', 'rst=1'],
    ...['dc=0', '00', 'dc=1', '1f'],
    ...['dc=0', '50', 'dc=1', '1007'],
    ...['dc=0', '04'],
    ...['06', 'dc=1', '27271817'],
    ...['dc=0', 'e0', 'dc=1', '02'],
    ...['dc=0', 'e5', 'dc=1', '5a'],
  ]);
  const sent = port.log.length;
  await epd.wake('fast');
  expect(port.log.length).toBe(sent);
});

wires('a plane goes out in as many transfers as the bus needs, with D/C set once', async ({ port, epd }) => {
  port.busy = answering(port);
  await epd.show(FRAME, 'full');
  const planes = port.log.slice(port.log.indexOf('10'));
  const plane = [...new Array<string>(11).fill('4096 bytes'), '2944 bytes'];
  expect(planes).toEqual(['10', 'dc=1', ...plane, 'dc=0', '13', 'dc=1', ...plane, 'dc=0', '12']);
});

wires('waking with BUSY stuck is an error, and the next call begins with a reset', async ({ port, epd }) => {
  port.busy = () => 0;
  await expect(epd.wake()).rejects.toMatchObject({ code: 'epd.busy-timeout' });
  port.busy = answering(port);
  port.log.length = 0;
  await epd.show(FRAME, 'full');
  expect(port.log.slice(0, 2)).toEqual(['rst=0', 'rst=1']);
});

wires('after a failure sleep still reaches the chip, by way of a reset', async ({ port, epd }) => {
  await expect(epd.wake()).rejects.toMatchObject({ code: 'epd.busy-timeout' });
  port.log.length = 0;
  await epd.sleep();
  expect(port.log).toEqual(['rst=0', 'rst=1', 'dc=0', '07', 'dc=1', 'a5']);
});

wires('a wait for BUSY ends when its signal is aborted, with the reason that was given', async ({ port, epd }) => {
  const stop = new AbortController();
  let looks = 0;
  port.busy = () => {
    looks += 1;
    if (looks === 5) stop.abort(new RangeError('the hub stops'));
    return 0;
  };
  await expect(epd.show(FRAME, 'full', { signal: stop.signal })).rejects.toThrow('the hub stops');
  expect(looks).toBe(5);
});

wires('calls are carried out one after the other', async ({ port, epd }) => {
  port.busy = answering(port);
  const white = frameOf(new Uint8Array(48_000).fill(0xff), { width: 800, height: 480, inkCount: 2 });
  await Promise.all([epd.show(FRAME, 'full'), epd.show(white, 'full'), epd.sleep()]);
  expect(port.log.filter((entry) => ['12', '02', '07'].includes(entry))).toEqual(['12', '12', '02', '07']);
  expect(epd.glass).toBe(white);
});

wires.for([
  ['too few rows', frameOf(new Uint8Array(100), { width: 800, height: 1, inkCount: 2 })],
  ['four inks', frameOf(new Uint8Array(96_000), { width: 800, height: 480, inkCount: 4 })],
  ['too few bytes', { ...FRAME, data: new Uint8Array(47_999) }],
] as const)('a frame with %s never reaches the wires', async ([, frame], { port, epd }) => {
  await expect(epd.show(frame, 'full')).rejects.toMatchObject({ code: 'epd.wrong-geometry' });
  await expect(epd.show(FRAME, 'partial', { previous: frame })).rejects.toMatchObject({ code: 'epd.wrong-geometry' });
  expect(port.log).toEqual([]);
});

wires('a partial refresh of unknown glass is refused', async ({ port, epd }) => {
  await expect(epd.show(FRAME, 'partial')).rejects.toMatchObject({ code: 'epd.previous-unknown' });
  expect(port.log).toEqual([]);
});

wires('a panel without a mode says so', async ({ port, clock }) => {
  const { partial: _, fast: __, ...bare } = spec;
  const slow: PanelSpec = bare;
  const epd = new Epd({ spec: slow, port, clock });
  await expect(epd.show(FRAME, 'fast')).rejects.toMatchObject({ code: 'epd.no-such-mode' });
});
