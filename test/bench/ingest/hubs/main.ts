import { once } from 'node:events';
import path from 'node:path';
import { connectAsync } from 'mqtt';
import { pino } from 'pino';
import { v7 } from 'uuid';
import { z } from 'zod';
import { deviceTopics } from '../../../../contract/index.js';
import { systemClock } from '../../../../hardware/index.js';
import { Intake } from '../../../../hub/executor/intake.js';
import { openStore } from '../../../../hub/storage/store.js';
import { type HubsSetup, HubsSetupSchema } from './orders.js';

// Many hubs in a process of their own, as far as a command goes before it is acknowledged: the broker, the intake and
// the store, each on a database file of its own.
const log = pino({ level: 'silent' });
const PushSchema = z.object({ cmdId: z.string() });

const [first] = await once(process, 'message');
const setup = HubsSetupSchema.parse(first);
const clients = await Promise.all(setup.things.map((thing) => startHub(setup, thing)));
process.on('disconnect', () => {
  for (const client of clients) client.end(true);
});
process.send?.('ready');

async function startHub({ door, gen, dir }: HubsSetup, thing: string) {
  const newEpoch = () => v7().replaceAll('-', '');
  const store = await openStore({
    dataDir: path.join(dir, thing),
    clock: systemClock,
    newId: () => v7(),
    newEpoch,
    log,
  });
  const { database, inbox, ledger } = store;
  database.write(() => inbox.enterGen(gen));
  const intake = new Intake({ database, inbox, ledger, hasDisplay: () => true, log });
  const client = await connectAsync(`mqtts://127.0.0.1:${door.port}`, {
    ...{ ca: door.caPem, cert: door.certPem, key: door.keyPem },
    ...{ protocolVersion: 5, clientId: thing, reconnectPeriod: 0 },
  });
  client.handleMessage = (packet, callback) => {
    const value: unknown = packet.cmd === 'publish' ? JSON.parse(packet.payload.toString()) : undefined;
    const taken = intake.take(value);
    callback();
    const { cmdId } = PushSchema.parse(value);
    if (taken === 'new') process.send?.({ cmdId, atMs: performance.timeOrigin + performance.now() });
  };
  await client.subscribeAsync(deviceTopics(thing).command, { qos: 1 });
  return client;
}
