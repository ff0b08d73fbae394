import { OPEN_BROKERS } from '../../support/open-brokers.js';
import { openSeededDatabase } from '../../support/seeded-database.js';
import type { Figure } from '../figure.js';
import { benchHeartbeats } from './heartbeats.js';

/** How fast the cloud takes in what hubs say and gets commands to them, with everything committed before it is acknowledged. */
export async function benchIngest(databaseUrl: string | undefined): Promise<Figure[]> {
  const database = await openSeededDatabase(databaseUrl);
  if (database === undefined) return [{ what: 'left out: no PostgreSQL on this machine' }];
  try {
    const figures: Figure[] = [];
    for (const { start } of OPEN_BROKERS) {
      const broker = await start();
      try {
        figures.push(await benchHeartbeats(broker, database));
      } finally {
        await broker.stop();
      }
    }
    return figures;
  } finally {
    await database.stop();
  }
}
