import { sql } from 'drizzle-orm';
import { connectAsync } from 'mqtt';
import pino from 'pino';
import { z } from 'zod';
import { systemClock } from '../../../cloud-api/clock.js';
import { asSystem, queryRows } from '../../../cloud-api/database/database.js';
import { Hubs } from '../../../cloud-api/device/hubs.js';
import { BackendLink } from '../../../cloud-api/link/backend-link.js';
import { UpIntake } from '../../../cloud-api/link/up-intake.js';
import { takeUpMessage } from '../../../cloud-api/link/up-messages.js';
import { Metrics } from '../../../cloud-api/metrics.js';
import { backendFilter } from '../../../contract/index.js';
import type { OpenBroker } from '../../support/open-brokers.js';
import { type SeededDatabase, seedHubs } from '../../support/seeded-database.js';
import { type Figure, quantile } from '../figure.js';
import { FleetVoice } from './fleet-voice.js';

const HUBS = 2_000;
const PUBLISHERS = 4;
const MESSAGES = 10_000;
const WARM_UP = 2_000;
const ROUNDS = 5;
const AIM_RATIO = 0.25;
const CONNECT_LIMIT_MS = 10_000;
const LOOK_EVERY_MS = 20;
const SILENT = pino({ level: 'silent' });
const CountSchema = z.object({ rows: z.number() });

/** Heartbeats that were committed before their PUBACK, beside a subscriber of the same broker that keeps nothing. */
export async function benchHeartbeats(broker: OpenBroker, database: SeededDatabase): Promise<Figure> {
  const run = `b${Math.floor(performance.now())}-`;
  const things = await seedHubs(database.db, run, HUBS);
  const voice = await FleetVoice.start({ door: broker.door, clients: PUBLISHERS, things });
  try {
    const [ours, yardstick]: [number[], number[]] = [[], []];
    const metrics = new Metrics();
    for (let round = 0; round < ROUNDS; round += 1) {
      yardstick.push(await withoutDatabase(broker, voice));
      ours.push(await committed(broker, database, voice, metrics));
    }
    const [{ rows } = { rows: 0 }] = await asSystem(database.db, (tx) =>
      queryRows(
        tx,
        CountSchema,
        sql`select count(*)::int as rows from hub where hw_id like ${run} || '%' and heartbeat is not null`,
      ),
    );
    const [perS, yardstickPerS] = [quantile(ours, 0.5), quantile(yardstick, 0.5)];
    return {
      what: `MQTT heartbeat to committed row, PUBACK after commit, over ${broker.name}`,
      database: database.engine,
      unit: '1/s',
      samples: ROUNDS * MESSAGES,
      perS: Math.round(perS),
      withoutDatabasePerS: Math.round(yardstickPerS),
      ratio: Math.round((perS / yardstickPerS) * 100) / 100,
      aimRatio: AIM_RATIO,
      messagesPerCommit: Math.round(countOf(metrics, 'heartbeats') / countOf(metrics, 'heartbeat_groups')),
      hubs: HUBS,
      hubsWithRow: rows,
    };
  } finally {
    await voice.stop();
  }
}

/** As simple a subscriber as there is: the client's own acknowledgement, and nothing done. */
async function withoutDatabase({ door }: OpenBroker, voice: FleetVoice): Promise<number> {
  const client = await connectAsync(`mqtts://127.0.0.1:${door.port}`, {
    ...{ ca: door.caPem, cert: door.certPem, key: door.keyPem, protocolVersion: 5, clientId: 'inklet-yardstick' },
    ...{ reconnectPeriod: 0, properties: { receiveMaximum: 100 } },
  });
  client.on('message', () => voice.heard());
  await client.subscribeAsync(backendFilter(), { qos: 1 });
  await voice.say(WARM_UP);
  const perS = await voice.say(MESSAGES);
  await client.endAsync();
  return perS;
}

async function committed(
  { door }: OpenBroker,
  { db }: SeededDatabase,
  voice: FleetVoice,
  metrics: Metrics,
): Promise<number> {
  const parts = { clock: systemClock, log: SILENT, metrics };
  const presentations = { displaysReleased: async () => {} };
  const hubs = new Hubs({ ...parts, db }, { presentations, bindings: { setRight: async () => {} } });
  const claimCodes = { request: async () => {} };
  const intake = new UpIntake({
    ...parts,
    take: (topic, payload) => takeUpMessage({ ...parts, hubs, claimCodes }, topic, payload),
    park: async () => {},
  });
  const [ca, cert, key] = [Buffer.from(door.caPem), Buffer.from(door.certPem), Buffer.from(door.keyPem)];
  const place = { host: '127.0.0.1', port: door.port, clientId: 'inklet-backend', sharedGroup: undefined };
  const link = new BackendLink({ ...place, ca, cert, key }, parts);
  link.start({
    handle: async (topic, payload, signal) => {
      await intake.handle(topic, payload, signal);
      voice.heard();
    },
    onPublished: () => {},
  });
  for (let waitedMs = 0; link.state === 'away' && waitedMs < CONNECT_LIMIT_MS; waitedMs += LOOK_EVERY_MS) {
    await systemClock.sleep(LOOK_EVERY_MS);
  }
  await voice.say(WARM_UP);
  const perS = await voice.say(MESSAGES);
  await link.stop();
  return perS;
}

function countOf(metrics: Metrics, what: string): number {
  return Number(new RegExp(`^inklet_link_${what}_total (\\d+)$`, 'm').exec(metrics.render())?.[1] ?? 0);
}
