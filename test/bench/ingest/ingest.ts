import type { Figure } from '../figure.js';
import { onEachBroker } from './brokers.js';
import { openBenchDatabase } from './cloud-site.js';
import { benchHeartbeats } from './heartbeats.js';

/** How fast the cloud takes in what hubs say and gets commands to them, with everything committed before it is acknowledged. */
export async function benchIngest(databaseUrl: string | undefined): Promise<Figure[]> {
  const database = await openBenchDatabase(databaseUrl);
  if (database === undefined) return [{ what: 'left out: no PostgreSQL on this machine' }];
  try {
    return await onEachBroker((broker) => benchHeartbeats(broker, database));
  } finally {
    await database.stop();
  }
}
