import { createPrivateKey, createPublicKey, generateKeyPairSync, X509Certificate } from 'node:crypto';
import { mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { jwtVerify } from 'jose';
import { pino } from 'pino';
import { describe, expect, test } from 'vitest';
import { DeviceTokenClaimsSchema, DeviceTokenHeaderSchema } from '../../contract/index.js';
import { startIotCore } from '../../device-sim/index.js';
import { type Clock, systemClock } from '../../hardware/index.js';
import { KeyStore, provisionHub, signDeviceToken, signHwId, thingNameFor } from '../../provisioning/index.js';
import { MQTT_CLIENTS } from '../support/hub-links.js';

const HW_ID = '00112233445566778899';
const THING = thingNameFor(HW_ID);
const TAG = signHwId({
  payload: { keyId: 1, hwId: HW_ID, model: 1, batch: 7 },
  tagUid: '04de5f1eacc040',
  privateKey: generateKeyPairSync('ed25519').privateKey,
});

type Hook = NonNullable<Parameters<typeof startIotCore>[0]['hook']>;

const allow: Hook = () => ({ allowProvisioning: true, parameterOverrides: { ThingName: THING } });

describe.for(MQTT_CLIENTS)('the claim exchange over %s', (mqttClient) => {
  const fleetTest = test
    .extend('prefix', path.join(tmpdir(), 'inklet-fleet-'))
    .extend('dir', async ({ prefix }, { onCleanup }) => {
      const dir = await mkdtemp(prefix);
      onCleanup(() => rm(dir, { recursive: true, force: true }));
      return dir;
    })
    .extend('iot', async ({ dir }, { onCleanup }) => {
      const iot = await startIotCore({
        dir: path.join(dir, 'iot'),
        host: '127.0.0.1',
        port: 0,
        hook: allow,
        clock: systemClock,
      });
      onCleanup(() => iot.stop());
      return iot;
    })
    .extend('keyStore', ({ dir }) => new KeyStore({ dir: path.join(dir, 'identity') }))
    .extend('deps', async ({ iot, keyStore }) => ({
      keyStore,
      claim: await iot.admin.createClaimCertificate(),
      caPem: iot.caPem,
      endpoint: 'localhost',
      port: iot.port,
      template: 'inklet-hub',
      mqttClient,
      tag: TAG,
      clock: systemClock,
      random: () => 0,
      log: pino({ level: 'silent' }),
    }));

  fleetTest('a hub earns a certificate for a key that never left it', async ({ deps, iot, dir }) => {
    const identity = await provisionHub(deps);
    expect(identity).toMatchObject({ hwId: HW_ID, model: 1, thingName: THING });
    expect(identity.deviceConfiguration).toEqual({ topicPrefix: `inklet/dev/${THING}` });
    expect(new X509Certificate(identity.certPem).checkPrivateKey(createPrivateKey(identity.keyPem))).toBe(true);
    expect(iot.admin.things().map(({ thingName }) => thingName)).toEqual([THING]);
    expect(iot.admin.certificates()).toContainEqual(
      expect.objectContaining({ certificateId: identity.certificateId, status: 'ACTIVE', thingName: THING }),
    );
    expect(iot.admin.clients()).toEqual([]);
    for (const file of await readdir(path.join(dir, 'identity'))) {
      expect((await stat(path.join(dir, 'identity', file))).mode & 0o777).toBe(0o600);
    }
  });

  fleetTest('the hook hears the hardware id, its proof and a nonce', async ({ deps, iot }) => {
    const heard: unknown[] = [];
    iot.admin.setHook((request) => {
      heard.push(request);
      return { allowProvisioning: true, parameterOverrides: { ThingName: THING } };
    });
    await provisionHub(deps);
    expect(heard).toEqual([
      expect.objectContaining({
        clientId: expect.stringMatching(/^inklet-fp-[0-9a-f]{16}$/),
        parameters: { hwId: HW_ID, ...TAG, claimNonce: expect.stringMatching(/^[\w-]{22}$/) },
      }),
    ]);
  });

  fleetTest('a hub that is ACTIVE needs no network, no tag and no claim certificate', async ({ deps, iot }) => {
    let wiped = 0;
    const wipeClaimKey = async () => {
      wiped += 1;
    };
    const first = await provisionHub({ ...deps, wipeClaimKey });
    await iot.stop();
    expect(await provisionHub({ ...deps, claim: undefined, tag: undefined, wipeClaimKey })).toEqual(first);
    expect(await deps.keyStore.identity()).toEqual(first);
    expect(wiped).toBe(2);
  });

  fleetTest('a refusal stops at once with the reason of the cloud', async ({ deps, iot }) => {
    let wiped = false;
    iot.admin.setHook(() => ({ allowProvisioning: false, reason: 'this hardware was never made' }));
    const refused = provisionHub({
      ...deps,
      wipeClaimKey: async () => {
        wiped = true;
      },
    });
    await expect(refused).rejects.toMatchObject({ code: 'claim.refused', message: 'this hardware was never made' });
    expect(wiped).toBe(false);
    iot.admin.setHook(allow);
    expect(await provisionHub(deps)).toMatchObject({ thingName: THING });
  });

  fleetTest('a token that the cloud forgot is replaced by a new certificate', async ({ deps, iot, keyStore }) => {
    iot.admin.setHook(() => ({ allowProvisioning: false }));
    await expect(provisionHub(deps)).rejects.toMatchObject({ code: 'claim.refused' });
    iot.admin.setHook(allow);
    const state = await keyStore.readState();
    if (state.phase !== 'CERT_ISSUED') expect.unreachable();
    await keyStore.writeState({ ...state, token: 'forgotten' });
    const identity = await provisionHub(deps);
    expect(identity.certificateId).not.toBe(state.certificateId);
  });

  fleetTest('a hub waits for a broker that is not there and then goes on', async ({ deps, iot }) => {
    const expected = [600, 1200, 2400];
    const waits: number[] = [];
    iot.admin.holdDown();
    const clock: Clock = {
      ...systemClock,
      sleep: async (ms, signal) => {
        if (!expected.includes(ms)) return await systemClock.sleep(ms, signal);
        waits.push(ms);
        if (waits.length === expected.length) iot.admin.resume();
      },
    };
    expect(await provisionHub({ ...deps, clock, random: () => 0.3 })).toMatchObject({ thingName: THING });
    expect(waits).toEqual(expected);
  });

  fleetTest('an answer that is lost with its connection is asked for again', async ({ deps, iot }) => {
    const nonces: (string | undefined)[] = [];
    iot.admin.setHook(({ clientId, parameters }) => {
      nonces.push(parameters.claimNonce);
      if (nonces.length === 1) iot.admin.dropClient(clientId);
      return { allowProvisioning: true, parameterOverrides: { ThingName: THING } };
    });
    expect(await provisionHub(deps)).toMatchObject({ thingName: THING });
    expect(nonces.length).toBe(2);
    expect(new Set(nonces).size).toBe(1);
  });

  fleetTest('a broker that hangs up on what a policy forbids is survived', async ({ deps, iot }) => {
    const stop = new AbortController();
    iot.admin.setOnDenied('disconnect');
    const clock: Clock = {
      ...systemClock,
      sleep: async (ms, signal) => {
        if (ms !== 0) return await systemClock.sleep(ms, signal);
        stop.abort();
      },
    };
    const denied = provisionHub({ ...deps, clock, template: 'inklet-other', signal: stop.signal });
    await expect(denied).rejects.toMatchObject({ name: 'AbortError' });
    expect(await deps.keyStore.readState()).toMatchObject({ phase: 'CERT_ISSUED' });
  });

  fleetTest('a claim certificate for another template is told so', async ({ deps }) => {
    await expect(provisionHub({ ...deps, template: 'inklet-other' })).rejects.toMatchObject({
      code: 'claim.template-unknown',
    });
  });

  fleetTest('files that are no certificates are told so', async ({ deps }) => {
    const claim = { certPem: 'no', keyPem: 'no' };
    await expect(provisionHub({ ...deps, claim })).rejects.toMatchObject({ code: 'link.bad-credentials' });
  });

  fleetTest('an abort ends it with its reason', async ({ deps, iot }) => {
    const stop = new AbortController();
    const reason = new Error('the hub is going down');
    iot.admin.setHook(() => {
      stop.abort(reason);
      return { allowProvisioning: true, parameterOverrides: { ThingName: THING } };
    });
    await expect(provisionHub({ ...deps, signal: stop.signal })).rejects.toBe(reason);
  });

  fleetTest('a device token is a JWT that the cloud can check by the certificate', async ({ deps }) => {
    const identity = await provisionHub(deps);
    const token = await signDeviceToken(identity, systemClock);
    const key = createPublicKey(
      new X509Certificate(identity.certPem).publicKey.export({ type: 'spki', format: 'pem' }),
    );
    const { payload, protectedHeader } = await jwtVerify(token, key, { audience: 'inklet-cloud' });
    expect(DeviceTokenHeaderSchema.parse(protectedHeader).kid).toBe(identity.certificateId);
    const claims = DeviceTokenClaimsSchema.parse(payload);
    expect(claims.sub).toBe(THING);
    expect(claims.exp - claims.iat).toBe(300);
  });
});
