import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { sql } from 'drizzle-orm';
import { pino } from 'pino';
import { it } from 'vitest';
import { z } from 'zod';
import { queryRows } from '../../cloud-api/database/database.js';
import { BackendLink } from '../../cloud-api/link/backend-link.js';
import { startLink } from '../../cloud-api/link/start-link.js';
import { Metrics } from '../../cloud-api/metrics.js';
import { startIotCore } from '../../device-sim/index.js';
import type { Credentials } from '../../device-sim/iot-core/certificate-authority.js';
import type { IotCore } from '../../device-sim/iot-core/iot-core.js';
import { systemClock } from '../../hardware/index.js';
import { type HubIdentity, KeyStore, provisionHub } from '../../provisioning/index.js';
import { HOOK_TOKEN, TestCloud } from './cloud.js';
import { testEngines } from './cloud-databases.js';
import { stateOf } from './cloud-devices.js';
import { png } from './pictures.js';
import { showPicture } from './show-picture.js';

/** A fleet of two hubs that earned their certificates, the second in a household with a picture on its way. */
export type AttackWorld = {
  readonly cloud: TestCloud;
  readonly iotCore: IotCore;
  readonly attacker: HubIdentity;
  readonly victim: HubIdentity & { readonly pictureSha256: string };
  /** The factory's credential, as it leaks from a card. */
  readonly claim: Credentials;
  /** Provisions hardware by the claim certificate, with a key of its own or one that is given. */
  provision(hwId: string, change?: { parameters?: Partial<Proof>; keyPem?: string }): Promise<HubIdentity>;
  /** All that the cloud and AWS IoT know, but for what a refusal itself leaves behind. */
  everything(): Promise<unknown>;
};

type Proof = { readonly payload: string; readonly hwSig: string; readonly tagUid: string };

export const ATTACKER_HW_ID = 'aaaaaaaaaaaaaaaaaaaa';
const VICTIM_HW_ID = 'bbbbbbbbbbbbbbbbbbbb';
const HOST = '127.0.0.1';
const NONE = pino({ level: 'silent' });
/** Written by every refusal: each decision is kept with its reason. */
const OF_REFUSALS = ['provisioning_decision'];

const fleet = it.extend('prefix', { scope: 'file' }, path.join(tmpdir(), 'inklet-attack-'));

/** Tests in a fleet that lives as long as their file. */
export const test = fleet.extend(
  'world',
  { scope: 'file' },
  async ({ prefix }, { onCleanup }): Promise<AttackWorld> => {
    const dir = await mkdtemp(prefix);
    const [engine] = testEngines();
    if (engine === undefined) throw new TypeError('no database');
    const cloud = await TestCloud.start(engine);
    const iotCore = await startIotCore({ dir: path.join(dir, 'iot'), host: HOST, port: 0, clock: systemClock });
    const headers = { authorization: `Bearer ${HOOK_TOKEN}` };
    iotCore.admin.setHook({ url: `${await cloud.listen()}/v1/hooks/pre-provisioning`, headers });
    const link = await backendOf(cloud, iotCore);
    onCleanup(async () => {
      await link.stop();
      await iotCore.stop();
      await cloud.close();
      await rm(dir, { recursive: true, force: true });
    });
    const claim = await iotCore.admin.createClaimCertificate();
    const provision: AttackWorld['provision'] = (hwId, change = {}) =>
      enter(dir, { cloud, iotCore, claim }, hwId, change);
    await cloud.make(ATTACKER_HW_ID);
    await cloud.make(VICTIM_HW_ID);
    const attacker = await provision(ATTACKER_HW_ID);
    const victim = await provision(VICTIM_HW_ID);
    const pictureSha256 = await settleIn(cloud, victim);
    const everything = async () => ({
      tables: await tablesOf(cloud),
      things: iotCore.admin.things(),
      // One that was only asked for dies within the hour, and belongs to nobody.
      certificates: iotCore.admin.certificates().filter(({ status }) => status !== 'PENDING_ACTIVATION'),
      sent: cloud.published.length,
    });
    return { cloud, iotCore, attacker, victim: { ...victim, pictureSha256 }, claim, provision, everything };
  },
);

async function enter(
  dir: string,
  { cloud, iotCore, claim }: { cloud: TestCloud; iotCore: IotCore; claim: Credentials },
  hwId: string,
  { parameters = {}, keyPem }: { parameters?: Partial<Proof>; keyPem?: string },
): Promise<HubIdentity> {
  const storeDir = await mkdtemp(path.join(dir, 'hub-'));
  const keyStore = new KeyStore({ dir: storeDir });
  if (keyPem !== undefined) {
    await writeFile(path.join(storeDir, 'device-key.pem'), keyPem, { mode: 0o600 });
    await keyStore.writeState({ phase: 'KEY_MADE', hwId, model: 1, claimNonce: 'n'.repeat(22) });
  }
  const { payload = '', hwSig = '', tagUid = '' } = await cloud.proofOf(hwId);
  return await provisionHub({
    ...{ endpoint: HOST, port: iotCore.port, caPem: iotCore.caPem, template: 'inklet-hub' },
    ...{ keyStore, claim, tag: { payload, hwSig, tagUid, ...parameters } },
    ...{ clock: systemClock, random: () => 0, log: NONE },
  });
}

/** The cloud hears hubs through the broker, so that a message that gets through has its effect. */
async function backendOf(cloud: TestCloud, iotCore: IotCore): Promise<BackendLink> {
  const { certPem, keyPem } = await iotCore.admin.createBackendCertificate();
  const [ca, cert, key] = [iotCore.caPem, certPem, keyPem].map((text) => Buffer.from(text));
  if (ca === undefined || cert === undefined || key === undefined) throw new TypeError('no credentials');
  const settings = { host: HOST, port: iotCore.port, clientId: 'inklet-backend', sharedGroup: undefined };
  const parts = { log: NONE, clock: cloud.clock, metrics: new Metrics() };
  const link = new BackendLink({ ...settings, ca, cert, key }, parts);
  startLink(link, cloud.services);
  return link;
}

/** Binds the hub to a household of its own, and lets a person show a picture on its display. */
async function settleIn(cloud: TestCloud, hub: HubIdentity): Promise<string> {
  const person = await cloud.signUp();
  const state = stateOf(hub, cloud.clock, [{}]);
  await cloud.services.hubs.noteState(hub.thingName, state);
  const { claimId } = await cloud.showCode({ ...hub, token: async () => '' }, person);
  await cloud.call('POST', `/api/v1/claims/${claimId}/confirm`, { token: person.accessToken });
  return await showPicture(cloud, person, state.displays[0]?.displayId ?? '', await png(16, 16));
}

/** Every row of every table. */
async function tablesOf({ context }: TestCloud): Promise<Record<string, unknown>> {
  const rows: Record<string, unknown> = {};
  await context.db.asOwner(async (tx) => {
    const names = sql`select tablename as name from pg_tables where schemaname = 'public' order by tablename`;
    for (const { name } of await queryRows(tx, z.object({ name: z.string() }), names)) {
      if (OF_REFUSALS.includes(name)) continue;
      const all = sql`select coalesce(json_agg(t order by t::text), '[]') as rows from ${sql.identifier(name)} t`;
      rows[name] = await queryRows(tx, z.object({ rows: z.unknown() }), all);
    }
  });
  return rows;
}
