import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { FastifyInstance } from 'fastify';
import pino from 'pino';
import { v7 } from 'uuid';
import { buildApp } from '../../cloud-api/app.js';
import { loadKeys } from '../../cloud-api/auth/keys.js';
import { account } from '../../cloud-api/auth/tables.js';
import { asSystem, type Database } from '../../cloud-api/database/database.js';
import { hardware, hub } from '../../cloud-api/device/tables.js';
import { display } from '../../cloud-api/display/tables.js';
import { household, membership } from '../../cloud-api/household/tables.js';
import { Metrics } from '../../cloud-api/metrics.js';
import { createServices, type Services } from '../../cloud-api/services.js';
import type { PresentationEvent } from '../../cloud-api/sync/presentation-port.js';
import type { Command } from '../../contract/index.js';
import type { TestEngine } from './cloud-databases.js';
import { SdkClient } from './sdk-client.js';

/** A household with one hub and displays, and a program that holds a token of it. */
export type TestHome = {
  householdId: string;
  hubId: string;
  displayId: string;
  token: string;
  client: SdkClient;
  /** Another display on the same hub. */
  addDisplay: (panel: { width: number; height: number; inks: string[] }) => Promise<string>;
  /** What the hub tells about a presentation, as sync hands it on. */
  tell: (event: PresentationEvent) => Promise<void>;
};

/** The public API on a database of its own, listening on loopback. */
export type PublicApiWorld = {
  app: FastifyInstance;
  services: Services;
  db: Database;
  baseUrl: string;
  /** Commands as they were published after their commit. */
  published: Command[];
  /** Moves the cloud's clock. */
  advanceClock: (ms: number) => void;
  newHome: () => Promise<TestHome>;
  close: () => Promise<void>;
};

export async function openPublicApi(engine: TestEngine): Promise<PublicApiWorld> {
  const dataDir = await mkdtemp(join(tmpdir(), 'inklet-public-'));
  const { db, close } = await engine.open();
  const published: Command[] = [];
  let nowMs = Date.parse('2026-03-01T07:00:00.000Z');
  const settings = {
    publicUrl: '',
    trustedProxies: [],
    dataDir,
    signerKeys: { keys: [] },
    workOrderKeys: { keys: [] },
    hookTokenSha256: null,
    operatorTokenSha256: null,
    provisioningLimits: { perHardwarePerHour: 10, perClaimCertificatePerHour: 200, plannedPerHour: 500 },
  };
  const context = {
    db,
    // Every look at the clock is a millisecond later, so that what follows has a later time.
    clock: { now: () => nowMs++, sleep: async () => {} },
    log: pino({ level: 'silent' }),
    newId: () => v7(),
    randomBytes: (size: number) => randomBytes(size),
    keys: await loadKeys(dataDir),
    metrics: new Metrics(),
    wakeIotTasks: () => {},
    settings,
  };
  const services = createServices(context, { publisher: { publish: (_thing, made) => published.push(made) } });
  const app = await buildApp(services, { linkState: () => 'none' });
  const baseUrl = await app.listen({ host: '127.0.0.1', port: 0 });
  settings.publicUrl = baseUrl;
  return {
    app,
    services,
    db,
    baseUrl,
    published,
    advanceClock: (ms) => {
      nowMs += ms;
    },
    newHome: () => newHome({ services, db, baseUrl }),
    close: async () => {
      await app.close();
      await services.publicApi.stop();
      await close();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}

async function newHome({
  services,
  db,
  baseUrl,
}: {
  services: Services;
  db: Database;
  baseUrl: string;
}): Promise<TestHome> {
  const [accountId, householdId, hubId] = [v7(), v7(), v7()];
  const now = new Date(services.context.clock.now());
  const hwId = randomBytes(10).toString('hex');
  const thingName = `inklet-${hwId}`;
  await asSystem(db, async (tx) => {
    await tx
      .insert(account)
      .values({ id: accountId, email: `${accountId}@example.org`, passwordHash: '-', createdAt: now });
    await tx.insert(household).values({ id: householdId, name: 'Home', createdAt: now });
    await tx.insert(membership).values({ householdId, accountId, role: 'owner', createdAt: now });
    const made = { hwId, tagUid: '04', keyId: 1, model: 1, batch: 1, state: 'PROVISIONED' } as const;
    await tx.insert(hardware).values({ ...made, createdAt: now, updatedAt: now });
    const seen = { version: '0.1.0', boundAt: now, lastSeenAt: now, lastHeartbeatAt: now, nextHeartbeatS: 60 };
    await tx.insert(hub).values({ id: hubId, householdId, thingName, hwId, createdAt: now, ...seen });
  });
  const addDisplay = async (panel: { width: number; height: number; inks: string[] }) => {
    const id = v7();
    const row = {
      id,
      householdId,
      hubId,
      name: 'Kitchen',
      kind: 'wired',
      panel: '7in5_V2',
      boundAt: now,
      ...panel,
    } as const;
    await asSystem(db, (tx) => tx.insert(display).values({ ...row, stateUpdatedAt: now }));
    return id;
  };
  const person = { kind: 'person', accountId, householdId, role: 'owner', sessionId: v7() } as const;
  const { token } = await services.tokens.create(person, 'test');
  return {
    householdId,
    hubId,
    displayId: await addDisplay({ width: 800, height: 480, inks: ['black', 'white'] }),
    token,
    client: new SdkClient({ baseUrl, token, newKey: () => v7() }),
    addDisplay,
    tell: (event) =>
      asSystem(db, (tx) => services.publicApi.presentations.applyPresentationEvent(tx, { hubId, householdId }, event)),
  };
}
