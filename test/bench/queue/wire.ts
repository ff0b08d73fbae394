import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { HubEvent } from '../../../contract/index.js';
import type { Figure } from '../figure.js';
import { type BenchHub, drain } from './bench-hub.js';
import { openBenchStore } from './bench-store.js';

const EVENTS = 500;
const AIM_RATIO = 0.13;
const START_MS = Date.UTC(2026, 0, 1);
const EVERY_MS = 15 * 60_000;
const NOBODY: Omit<BenchHub, 'keyPem'> = { thingName: 'inklet-bench', certificateId: 'bench' };

/** What a full batch takes on the wire, by what its events are as JSON with everything that is known of them. */
export async function benchWire(): Promise<Figure[]> {
  const dir = await mkdtemp(path.join(tmpdir(), 'inklet-bench-wire-'));
  const store = await openBenchStore(dir);
  try {
    await Promise.all(Array.from({ length: EVENTS }, (_, number) => store.outbox.enqueue(telemetry(number))));
    const raw = store.outbox.slice(2, { events: EVENTS, bytes: Number.MAX_SAFE_INTEGER })?.events ?? [];
    const rawBytes = Buffer.byteLength(JSON.stringify(raw));
    let sentBytes = 0;
    const count: typeof fetch = async (_url, init) => {
      const { body } = init ?? {};
      sentBytes += body instanceof Uint8Array ? body.byteLength : Buffer.byteLength(String(body));
      throw new TypeError('this cloud only counts');
    };
    const door = { baseUrl: 'http://127.0.0.1', token: async () => NOBODY.certificateId, fetch: count };
    await drain(store, door).catch(() => undefined);
    return [
      {
        what: `a batch of ${EVENTS} events of telemetry on the wire, by their JSON`,
        unit: 'bytes an event',
        rawBytes: Math.round(rawBytes / EVENTS),
        sentBytes: Math.round(sentBytes / EVENTS),
        ratio: Math.round((sentBytes / rawBytes) * 1000) / 1000,
        aimRatio: AIM_RATIO,
      },
    ];
  } finally {
    store.database.close();
    await rm(dir, { recursive: true, force: true });
  }
}

/** As a hub says it every quarter of an hour; the figures wander as in life. */
function telemetry(number: number): HubEvent {
  const wander = Math.sin(number / 7) + Math.sin(number * 12.9898) / 3;
  return {
    type: 'hub.telemetry',
    body: {
      at: new Date(START_MS + number * EVERY_MS).toISOString(),
      uptimeS: (number * EVERY_MS) / 1000,
      rssBytes: Math.round(98_000_000 + wander * 2_000_000),
      temperatureC: Math.round((47 + wander * 4) * 10) / 10,
      freeBytes: Math.round((9_400_000_000 - number * 12_000) / 4096) * 4096,
      queueRows: Math.round(Math.abs(wander) * 40),
      queueBytes: Math.round(Math.abs(wander) * 9_000),
    },
  };
}
