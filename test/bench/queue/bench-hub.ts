import { pino } from 'pino';
import { systemClock } from '../../../hardware/index.js';
import { Intake } from '../../../hub/executor/intake.js';
import type { Store } from '../../../hub/storage/store.js';
import type { CloudHttpOptions } from '../../../hub/sync/cloud-http.js';
import { exchange } from '../../../hub/sync/exchange.js';
import { SyncState } from '../../../hub/sync/sync-state.js';
import { signDeviceToken } from '../../../provisioning/index.js';

/** Who a hub of the benchmarks is to the cloud. */
export type BenchHub = { readonly thingName: string; readonly certificateId: string; readonly keyPem: string };

const SILENT = pino({ level: 'silent' });

/** How a hub speaks with the cloud; `send` is there to be counted. */
export async function doorTo(baseUrl: string, hub: BenchHub, send: typeof fetch = fetch): Promise<CloudHttpOptions> {
  const token = await signDeviceToken(hub, systemClock);
  return { baseUrl, token: async () => token, fetch: send };
}

/** Exchanges until nothing is held any more, and gives how many it took. */
export async function drain(store: Store, cloud: CloudHttpOptions): Promise<number> {
  const { database, inbox, ledger, outbox } = store;
  const intake = new Intake({ database, inbox, ledger, hasDisplay: () => false, log: SILENT });
  const state = new SyncState({ ...store, intake, log: SILENT });
  let exchanges = 0;
  while (outbox.depth() > 0) {
    const request = state.request(null);
    const startMs = performance.now();
    const reply = await exchange(cloud, request, new AbortController().signal);
    state.apply(reply, request, performance.now() - startMs);
    exchanges += 1;
  }
  return exchanges;
}
