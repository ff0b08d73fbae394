import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { isDeepStrictEqual } from 'node:util';
import { sql } from 'drizzle-orm';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { thingNameFor } from '../../provisioning/hw-id/index.js';
import { HOOK_TOKEN, OPERATOR_TOKEN, REVOKED_KEY_ID, TAG_UID, TestCloud } from '../../test/support/cloud.js';
import { testEngines } from '../../test/support/cloud-databases.js';
import { hookInput, makeDevice, tokensOf } from '../../test/support/cloud-devices.js';
import { queryRows } from '../database/database.js';
import { HOOK_REFUSALS } from './hook-input.js';

const HOOK = '/v1/hooks/pre-provisioning';
const rsaOf = (modulusLength: number) => ({
  ...{ name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' },
  ...{ modulusLength, publicExponent: new Uint8Array([1, 0, 1]) },
});
const newHwId = () => randomBytes(10).toString('hex');

test('the README says of every refusal what it means', () => {
  const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8');
  expect(HOOK_REFUSALS.filter((reason) => !readme.includes(`\`${reason}\``))).toEqual([]);
});

describe.each(testEngines())('on $name', (engine) => {
  let cloud: TestCloud;
  beforeAll(async () => {
    cloud = await TestCloud.start(engine);
  });
  afterAll(() => cloud.close());

  const ask = async (device: Parameters<typeof hookInput>[0], parameters: Record<string, string>) =>
    (await cloud.call('POST', HOOK, { token: HOOK_TOKEN, body: hookInput(device, parameters) })).body;
  const refused = (reason: string) => ({ allowProvisioning: false, reason });

  test('hardware that the factory made and signed gets its certificate, under the name of its id', async () => {
    const hwId = newHwId();
    await cloud.make(hwId);
    const parameters = { ...(await cloud.proofOf(hwId)), ThingName: 'chosen-by-the-device' };
    expect(await ask(await makeDevice(), parameters)).toEqual({
      allowProvisioning: true,
      parameterOverrides: { ThingName: thingNameFor(hwId) },
    });
  });

  test('every doubt is refused with its reason', async () => {
    const made = newHwId();
    await cloud.make(made);
    const proof = await cloud.proofOf(made);
    const device = await makeDevice();
    const unknown = await cloud.proofOf(newHwId());
    const rsa = await makeDevice(rsaOf(1024));
    const p384 = await makeDevice({ name: 'ECDSA', namedCurve: 'P-384' });
    const cases: [Parameters<typeof hookInput>[0], Record<string, string>, string][] = [
      [device, {}, 'malformed'],
      [
        device,
        { ...proof, hwSig: `${proof.hwSig?.startsWith('A') ? 'B' : 'A'}${proof.hwSig?.slice(1)}` },
        'wrong-signature',
      ],
      [device, { ...proof, payload: Buffer.alloc(15, 2).toString('base64url') }, 'unknown-version'],
      [device, await cloud.proofOf(made, { keyId: 9 }), 'unknown-key'],
      [device, await cloud.proofOf(made, { keyId: REVOKED_KEY_ID }), 'revoked-key'],
      [device, { ...proof, tagUid: '04ffffffffffff' }, 'wrong-signature'],
      [device, await cloud.proofOf(made, { batch: 99 }), 'batch-out-of-range'],
      [device, { ...proof, hwId: newHwId() }, 'hw-id-mismatch'],
      [device, unknown, 'unknown-hardware'],
      [device, await cloud.proofOf(made, { tagUid: '04ffffffffffff' }), 'tag-mismatch'],
      [device, await cloud.proofOf(made, { batch: 2 }), 'batch-mismatch'],
      [{ ...device, certificatePem: 'no certificate' }, proof, 'key-type'],
      [rsa, proof, 'key-type'],
      [p384, proof, 'key-type'],
    ];
    for (const [by, parameters, reason] of cases) expect(await ask(by, parameters)).toEqual(refused(reason));
  });

  test('a device that lost the answer asks again, with the same certificate or a new one, until it has been at work', async () => {
    const hwId = newHwId();
    await cloud.make(hwId);
    const proof = await cloud.proofOf(hwId);
    const device = await makeDevice();
    const second = await makeDevice({ name: 'ECDSA', namedCurve: 'P-256' }, device.keys);
    for (const one of [device, device, second])
      expect(await ask(one, proof)).toMatchObject({ allowProvisioning: true });
    await cloud.services.hubs.noteHeartbeat(thingNameFor(hwId), {
      v: 1,
      at: new Date(0).toISOString(),
      bootId: '01900000-0000-7000-8000-000000000001',
      uptimeS: 1,
      version: '1',
      queueDepth: 0,
      rssBytes: 1,
      temperatureC: null,
      link: { connectedSince: new Date(0).toISOString(), reconnects: 0 },
      nextHeartbeatS: 60,
    });
    expect(await ask(await makeDevice(), proof)).toEqual(refused('already-provisioned'));
  });

  test('a hub with an RSA key of 2048 bits is let in, and proves itself by it', async () => {
    const hub = await cloud.provision(await makeDevice(rsaOf(2048)));
    const sync = (token: string) => cloud.call('POST', '/v1/sync', { token, body: { v: 1 } });
    expect(await sync(await hub.token())).toMatchObject({ status: 400 });
    const stranger = tokensOf(hub.thingName, await makeDevice(rsaOf(2048)), cloud.clock);
    expect(await sync(await stranger({ kid: hub.certificateId }))).toMatchObject({ status: 401 });
  });

  test('a device certificate is no claim certificate', async () => {
    const hub = await cloud.provision();
    const hwId = newHwId();
    await cloud.make(hwId);
    const body = hookInput(await makeDevice(), await cloud.proofOf(hwId), hub.certificateId);
    const answer = await cloud.call('POST', HOOK, { token: HOOK_TOKEN, body });
    expect(answer.body).toEqual(refused('not-a-claim-certificate'));
  });

  test('one key in two devices is a cloned card', async () => {
    const [first, second] = [newHwId(), newHwId()];
    await Promise.all([cloud.make(first), cloud.make(second)]);
    const device = await makeDevice();
    expect(await ask(device, await cloud.proofOf(first))).toMatchObject({ allowProvisioning: true });
    const copy = await makeDevice({ name: 'ECDSA', namedCurve: 'P-256' }, device.keys);
    expect(await ask(copy, await cloud.proofOf(second))).toEqual(refused('duplicate-key'));
    const rows = await cloud.context.db.asOwner((tx) =>
      queryRows(tx, z.unknown(), sql`select twin_thing_name from provisioning_decision where hw_id = ${second}`),
    );
    expect(rows).toEqual([{ twin_thing_name: thingNameFor(first) }]);
    expect(cloud.context.metrics.render()).toContain('inklet_cloned_keys_total 1');
    expect(cloud.logged.join('')).toContain('a card was cloned');
  });

  test('of cards that were cloned and are powered on at once, one is let in', async () => {
    const { keys } = await makeDevice();
    const ids = Array.from({ length: 4 }, newHwId);
    const answers = ids.map(async (hwId) => {
      await cloud.make(hwId);
      return ask(await makeDevice({ name: 'ECDSA', namedCurve: 'P-256' }, keys), await cloud.proofOf(hwId));
    });
    const allowed = (await Promise.all(answers)).filter(
      (answer) => !isDeepStrictEqual(answer, refused('duplicate-key')),
    );
    expect(allowed).toMatchObject([{ allowProvisioning: true }]);
  });

  test('a hardware id is tried ten times an hour at most', async () => {
    const hwId = newHwId();
    await cloud.make(hwId);
    const proof = await cloud.proofOf(hwId);
    const device = await makeDevice();
    for (let tries = 0; tries < 10; tries += 1) {
      expect(await ask(device, proof)).toMatchObject({ allowProvisioning: true });
    }
    expect(await ask(device, proof)).toEqual(refused('rate-limited'));
    cloud.clock.nowMs += 61 * 60_000;
    expect(await ask(device, proof)).toMatchObject({ allowProvisioning: true });
  });

  test('whoever tries too often waits an hour from the last try that counted, and no longer', async () => {
    const hwId = newHwId();
    await cloud.make(hwId);
    const proof = await cloud.proofOf(hwId);
    const device = await makeDevice();
    for (let tries = 0; tries < 10; tries += 1) await ask(device, proof);
    for (let minute = 0; minute < 60; minute += 5) {
      expect(await ask(device, proof)).toEqual(refused('rate-limited'));
      cloud.clock.nowMs += 5 * 60_000;
    }
    expect(await ask(device, proof)).toMatchObject({ allowProvisioning: true });
  });

  describe('by a claim certificate that may ask three times an hour', () => {
    beforeEach(() => {
      cloud.context.settings.provisioningLimits.perClaimCertificatePerHour = 3;
    });
    afterEach(() => {
      cloud.context.settings.provisioningLimits.perClaimCertificatePerHour = 200;
    });
    const askAs = async (claimCertificateId: string, parameters: Record<string, string>) => {
      const body = hookInput(await makeDevice(), parameters, claimCertificateId);
      return (await cloud.call('POST', HOOK, { token: HOOK_TOKEN, body })).body;
    };
    const made = async () => {
      const hwId = newHwId();
      await cloud.make(hwId);
      return cloud.proofOf(hwId);
    };
    const newClaim = () => randomBytes(32).toString('hex');

    test('the fourth piece of hardware waits, and another line does not', async () => {
      const [claim, other] = [newClaim(), newClaim()];
      for (const proof of [await made(), await made(), await made()]) {
        expect(await askAs(claim, proof)).toMatchObject({ allowProvisioning: true });
      }
      expect(await askAs(claim, await made())).toEqual(refused('rate-limited'));
      expect(await askAs(other, await made())).toMatchObject({ allowProvisioning: true });
    });

    test('what was refused for its facts counts, so that who copied a tag cannot ask on for ever', async () => {
      const claim = newClaim();
      for (let tries = 0; tries < 3; tries += 1) {
        expect(await askAs(claim, await cloud.proofOf(newHwId()))).toEqual(refused('unknown-hardware'));
      }
      expect(await askAs(claim, await cloud.proofOf(newHwId()))).toEqual(refused('rate-limited'));
    });

    // Seen as: two hundred requests of nonsense by a leaked certificate, and the whole production line stood for an hour.
    test('nonsense is limited by itself, fills no table, and does not keep the honest hubs of the batch out', async () => {
      const claim = newClaim();
      const proof = await made();
      const nonsense = [{}, { ...proof, tagUid: '04ffffffffffff' }, {}];
      for (const parameters of nonsense)
        expect(await askAs(claim, parameters)).toMatchObject({ allowProvisioning: false });
      for (const parameters of nonsense) expect(await askAs(claim, parameters)).toEqual(refused('rate-limited'));
      const kept = sql`select reason from provisioning_decision where claim_certificate_id = ${claim} order by reason`;
      const rows = await cloud.context.db.asOwner((tx) => queryRows(tx, z.unknown(), kept));
      expect(rows).toEqual(['malformed', 'malformed', 'wrong-signature'].map((reason) => ({ reason })));
      expect(await askAs(claim, proof)).toMatchObject({ allowProvisioning: true });
    });
  });

  test('more questions within an hour than planned warn the operator, and refuse nobody', async () => {
    const { provisioningLimits } = cloud.context.settings;
    cloud.clock.nowMs += 60 * 60_000;
    provisioningLimits.plannedPerHour = 1;
    const above = () => cloud.context.metrics.render().includes('inklet_provisioning_above_plan_total');
    await cloud.provision();
    expect(above()).toBe(false);
    await cloud.provision();
    expect(above()).toBe(true);
    expect(cloud.logged.join('')).toContain('more certificates are asked for than planned');
    provisioningLimits.plannedPerHour = 500;
  });

  test('a claim certificate that is named for a batch is good for that batch alone, and the batch takes no other', async () => {
    const [leaked, named, elsewhere] = ['a', 'b', 'c'].map((digit) => digit.repeat(64));
    const hwId = newHwId();
    const made = { tagUid: TAG_UID, keyId: 1, model: 1, batch: 3 };
    await cloud.call('PUT', `/v1/operator/hardware/${hwId}`, { token: OPERATOR_TOKEN, body: made });
    const proof = await cloud.proofOf(hwId, { batch: 3 });
    const device = await makeDevice();
    const askWith = async (claimCertificateId?: string) => {
      const body = hookInput(device, proof, claimCertificateId);
      return (await cloud.call('POST', HOOK, { token: HOOK_TOKEN, body })).body;
    };
    const name = (batch: number, ...claimCertificateIds: (string | undefined)[]) =>
      cloud.call('PUT', `/v1/operator/batches/${batch}/claim-certificates`, {
        token: OPERATOR_TOKEN,
        body: { claimCertificateIds },
      });
    await name(4, elsewhere);
    expect(await askWith(elsewhere)).toEqual(refused('claim-certificate-mismatch'));
    expect(await askWith(leaked)).toMatchObject({ allowProvisioning: true });
    expect(await name(3, leaked, named)).toMatchObject({ status: 200, body: { claimCertificateIds: [leaked, named] } });
    expect(await askWith(leaked)).toMatchObject({ allowProvisioning: true });
    await name(3, named);
    expect(await askWith(leaked)).toEqual(refused('claim-certificate-mismatch'));
    expect(await askWith(named)).toMatchObject({ allowProvisioning: true });
    // Seen as: the list was emptied to shut a batch, and every certificate that leaked was good for it again.
    await name(3);
    for (const one of [named, leaked, elsewhere])
      expect(await askWith(one)).toEqual(refused('claim-certificate-mismatch'));
    await name(3, leaked);
    expect(await askWith(leaked)).toMatchObject({ allowProvisioning: true });
  });

  test('a claim certificate that was taken off its list is good for no other batch either', async () => {
    const claimCertificateId = 'f'.repeat(64);
    const name = (claimCertificateIds: string[]) =>
      cloud.call('PUT', '/v1/operator/batches/8/claim-certificates', {
        token: OPERATOR_TOKEN,
        body: { claimCertificateIds },
      });
    await name([claimCertificateId]);
    await name([]);
    const hwId = newHwId();
    await cloud.make(hwId);
    const body = hookInput(await makeDevice(), await cloud.proofOf(hwId), claimCertificateId);
    const answer = await cloud.call('POST', HOOK, { token: HOOK_TOKEN, body });
    expect(answer.body).toEqual(refused('claim-certificate-mismatch'));
  });

  test('each decision is kept with its reason', async () => {
    const device = await makeDevice();
    await ask(device, await cloud.proofOf(newHwId()));
    const rows = await cloud.context.db.inRole('app_system', null, (tx) =>
      queryRows(
        tx,
        z.unknown(),
        sql`select allowed, reason, client_id from provisioning_decision where certificate_id = ${device.certificateId}`,
      ),
    );
    expect(rows).toEqual([{ allowed: false, reason: 'unknown-hardware', client_id: 'inklet-fp-1' }]);
  });

  test('the hook and the registry open to their own token only', async () => {
    const hwId = newHwId();
    const body = { tagUid: TAG_UID, keyId: 1, model: 1, batch: 1 };
    const url = `/v1/operator/hardware/${hwId}`;
    for (const token of [undefined, HOOK_TOKEN, `${OPERATOR_TOKEN}x`]) {
      expect((await cloud.call('PUT', url, { body, ...(token !== undefined && { token }) })).status).toBe(401);
    }
    expect((await cloud.call('PUT', url, { body, token: OPERATOR_TOKEN })).body).toEqual({
      ...body,
      hwId,
      state: 'MADE',
    });
    expect((await cloud.call('POST', HOOK, { body: {}, token: OPERATOR_TOKEN })).status).toBe(401);
  });

  test('the facts of hardware in use stand', async () => {
    const { hwId } = await cloud.provision();
    const url = `/v1/operator/hardware/${hwId}`;
    const same = { tagUid: TAG_UID, keyId: 1, model: 1, batch: 1 };
    const put = async (body: object) => (await cloud.call('PUT', url, { body, token: OPERATOR_TOKEN })).status;
    expect(await put(same)).toBe(200);
    expect(await put({ ...same, batch: 2 })).toBe(409);
  });
});
