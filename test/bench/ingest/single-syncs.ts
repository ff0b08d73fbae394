import { inArray } from 'drizzle-orm';
import { asSystem } from '../../../cloud-api/database/database.js';
import { hub } from '../../../cloud-api/device/tables.js';
import { Sync } from '../../../cloud-api/sync/sync.js';
import { parseSyncInput } from '../../../cloud-api/sync/sync-input.js';
import { TestCloud } from '../../support/cloud.js';
import { type SeededDatabase, seedHubs } from '../../support/seeded-database.js';
import { SyncStore } from '../../support/sync-store.js';
import { type Figure, quantile } from '../figure.js';

const CALLERS = 100;
const REQUESTS_EACH = 15;
const ROUNDS = 5;
const AIM_RATIO = 5;

type Caller = { hubId: string; thingName: string; store: SyncStore; sent: number };

/** Requests of one event from a hundred hubs at a time: those that wait share a commit, beside one commit for each. */
export async function benchSingleSyncs(database: SeededDatabase): Promise<Figure> {
  const cloud = await TestCloud.start({
    name: 'PostgreSQL',
    open: async () => ({ ...database, close: async () => {} }),
  });
  try {
    const callers = await callersOf(database);
    const [ours, yardstick]: [number[], number[]] = [[], []];
    // Whoever has a Sync of its own shares its commits with nobody, and waits for nobody but the pool of connections.
    const own = callers.map(() => syncOf(cloud));
    const shared = syncOf(cloud);
    for (let round = 0; round < ROUNDS; round += 1) {
      yardstick.push(await perSecond(callers, (index) => own[index] ?? shared));
      ours.push(await perSecond(callers, () => shared));
    }
    const [perS, yardstickPerS] = [quantile(ours, 0.5), quantile(yardstick, 0.5)];
    return {
      what: `sync requests of one event, ${CALLERS} at a time, from the parsed request to the reply`,
      database: database.engine,
      unit: '1/s',
      samples: ROUNDS * CALLERS * REQUESTS_EACH,
      perS: Math.round(perS),
      oneCommitEachPerS: Math.round(yardstickPerS),
      ratio: Math.round((perS / yardstickPerS) * 100) / 100,
      aimRatio: AIM_RATIO,
    };
  } finally {
    await cloud.close();
  }
}

function syncOf({ context, services }: TestCloud): Sync {
  const { delivery, localBindings, hubs, publicApi } = services;
  return new Sync(context, { delivery, localBindings, states: hubs, presentations: publicApi.presentations });
}

async function callersOf({ db }: SeededDatabase): Promise<Caller[]> {
  const things = await seedHubs(db, `s${Math.floor(performance.now())}-`, CALLERS);
  const rows = await asSystem(db, (tx) =>
    tx.select({ hubId: hub.id, thingName: hub.thingName }).from(hub).where(inArray(hub.thingName, things)),
  );
  return rows.map((row) => ({ ...row, store: new SyncStore(), sent: 0 }));
}

async function perSecond(callers: readonly Caller[], syncFor: (index: number) => Sync): Promise<number> {
  const startMs = performance.now();
  await Promise.all(callers.map((caller, index) => speak(caller, syncFor(index))));
  return ((CALLERS * REQUESTS_EACH) / (performance.now() - startMs)) * 1000;
}

async function speak(caller: Caller, sync: Sync): Promise<void> {
  const { hubId, thingName, store } = caller;
  const principal = { kind: 'hub', hubId, thingName, certificateId: '', householdId: null } as const;
  for (let left = REQUESTS_EACH; left > 0; left -= 1) {
    caller.sent += 1;
    const body = { connectedAt: null };
    const event = store.event({ type: 'bench.beat', body });
    const input = parseSyncInput(store.request({ logs: [store.slice(caller.sent, [event], 1)] }));
    const { acks } = await sync.exchange(principal, input);
    if (acks[1] !== caller.sent) throw new TypeError(`${thingName}: event ${caller.sent} is not acknowledged`);
  }
}
