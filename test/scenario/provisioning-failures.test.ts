import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect } from 'vitest';
import { scaledClock, startIotCore } from '../../device-sim/index.js';
import type { FaultInput } from '../../device-sim/iot-core/faults/fault.js';
import { type Clock, panelSpec, pixelsPerInch, systemClock } from '../../hardware/index.js';
import { renderInput } from '../../render/index.js';
import { type HubAt, type HubWorld, test } from '../support/hub-world.js';

const WAIT = { timeout: 30_000, interval: 50 };
const LIMIT_MS = 60_000;

type Failure = {
  code: string;
  step: string;
  state: 'trying' | 'refused';
  advice: string;
  /** Makes it happen; gives settings of the hub. */
  wrong: (world: HubWorld) => Record<string, string> | Promise<Record<string, string>>;
  clock?: Clock;
};

const armed =
  (...faults: FaultInput[]) =>
  ({ iotCore }: HubWorld) => {
    iotCore.admin.faults.arm(...faults);
    return {};
  };

const anotherAuthority = async ({ dir }: HubWorld) => {
  const folder = path.join(dir, 'another-authority');
  await mkdir(folder);
  const other = await startIotCore({ dir: folder, host: '127.0.0.1', port: 0, clock: systemClock });
  await other.stop();
  return { INKLET_IOT_CA_FILE: other.caFile };
};

const FAILURES: Record<string, Failure> = {
  'a clock that nobody set': {
    ...{ code: 'link.clock-not-set', step: 'check-clock', state: 'trying', advice: 'clock' },
    clock: { ...systemClock, now: () => 0 },
    wrong: () => ({}),
  },
  'a name that nobody knows': {
    ...{ code: 'link.no-network', step: 'connect', state: 'trying', advice: 'network' },
    wrong: () => ({ INKLET_IOT_ENDPOINT: 'nowhere.invalid' }),
  },
  'a port at which nobody answers': {
    ...{ code: 'link.no-network', step: 'connect', state: 'trying', advice: 'network' },
    wrong: () => ({ INKLET_IOT_PORT: '9' }),
  },
  'a server that is not of the CA': {
    ...{ code: 'link.tls-refused', step: 'connect', state: 'trying', advice: 'guest network' },
    wrong: anotherAuthority,
  },
  'a claim certificate that is revoked': {
    ...{ code: 'claim.certificate-refused', step: 'connect', state: 'refused', advice: 'no longer good' },
    wrong: ({ iotCore: { admin } }) => {
      for (const { certificateId } of admin.certificates()) admin.setCertificateStatus(certificateId, 'REVOKED');
      return {};
    },
  },
  'a template that nobody knows': {
    ...{ code: 'claim.template-unknown', step: 'register', state: 'refused', advice: 'a hub of this kind' },
    wrong: () => ({ INKLET_PROVISIONING_TEMPLATE: 'nobody' }),
  },
  'a hook that refuses the hardware': {
    ...{ code: 'claim.refused', step: 'register', state: 'refused', advice: 'has not heard of this hub' },
    wrong: armed({ kind: 'hook-refusing', reason: 'unknown-hardware', times: 100 }),
  },
  'a hook that says no and not why, as on AWS': {
    ...{ code: 'claim.refused', step: 'register', state: 'refused', advice: 'said no' },
    wrong: armed({ kind: 'hook-failing', times: 100 }),
  },
  'a token that is over each time': {
    ...{ code: 'claim.token-refused', step: 'register', state: 'trying', advice: 'took too long' },
    wrong: armed({ kind: 'token-expired', times: 100 }),
  },
  'a service that is asked too much': {
    ...{ code: 'claim.throttled', step: 'ask-certificate', state: 'trying', advice: 'for a while' },
    wrong: armed({ kind: 'throttled', operation: 'CreateCertificateFromCsr' }),
  },
  'a hook that is asked too often': {
    ...{ code: 'claim.throttled', step: 'register', state: 'trying', advice: 'for a while' },
    wrong: armed({ kind: 'hook-refusing', reason: 'rate-limited' }),
  },
};

/** The frame of a screen that tells what is wrong, on the panel of the world. */
async function drawn(data: object): Promise<string> {
  const panel = panelSpec('7in5_V2');
  const target = { ...panel, ppi: pixelsPerInch(panel) };
  return (await renderInput({ kind: 'screen', name: 'error', data }, target)).frame.sha256;
}

async function identityOf(hub: HubAt) {
  return (await hub.status()).identity;
}

describe('what keeps a hub from its identity', () => {
  test.for(Object.entries(FAILURES))(
    '%s is named, with its step, where people look',
    { timeout: LIMIT_MS },
    async ([, { code, step, state, advice, wrong, clock = systemClock }], { world, startHub, logged }) => {
      world.reader.place(await world.signedTag());
      const hub = await startHub(await wrong(world), clock);
      await expect.poll(async () => (await identityOf(hub)).code, WAIT).toBe(code);
      const identity = await identityOf(hub);
      expect(identity).toMatchObject({ state, step, advice: expect.stringContaining(advice) });
      expect(await (await fetch(hub.url)).text()).toContain(`(${code}, while `);
      expect(logged.some((line) => line.includes(code) && line.includes(`"step":"${step}"`))).toBe(true);
    },
  );

  test('a certificate that is good again lets the hub in without a hand on it', { timeout: LIMIT_MS }, async ({
    world,
    startHub,
  }) => {
    const { admin } = world.iotCore;
    const [claim] = admin.certificates();
    if (claim === undefined) expect.unreachable();
    admin.setCertificateStatus(claim.certificateId, 'INACTIVE');
    world.reader.place(await world.signedTag());
    const hub = await startHub();
    await expect.poll(async () => (await identityOf(hub)).code, WAIT).toBe('claim.certificate-refused');
    admin.setCertificateStatus(claim.certificateId, 'ACTIVE');
    await expect.poll(async () => (await identityOf(hub)).state, WAIT).toBe('ready');
  });

  test('a certificate that is revoked in the middle is told as such', { timeout: LIMIT_MS }, async ({
    world,
    startHub,
  }) => {
    world.iotCore.admin.faults.arm({ kind: 'certificate-revoked', operation: 'RegisterThing' });
    world.reader.place(await world.signedTag());
    const hub = await startHub();
    await expect.poll(async () => (await identityOf(hub)).code, WAIT).toBe('claim.certificate-refused');
  });

  test('a hub whose own certificate is withdrawn later says so, and works on its own until it is good again', {
    timeout: LIMIT_MS,
  }, async ({ world, startHub }) => {
    const { admin } = world.iotCore;
    world.reader.place(await world.signedTag());
    const hub = await startHub();
    await expect.poll(async () => (await hub.status()).link.connected, WAIT).toBe(true);
    const { thingName } = await hub.status();
    const own = admin.certificates().find((certificate) => certificate.thingName === thingName);
    if (own === undefined) expect.unreachable();
    admin.setCertificateStatus(own.certificateId, 'REVOKED');
    await expect.poll(async () => (await hub.status()).link.problem?.code, WAIT).toBe('link.refused');
    expect(await (await fetch(hub.url)).text()).toContain('no longer knows the certificate of this hub');
    expect((await identityOf(hub)).state).toBe('ready');
    admin.setCertificateStatus(own.certificateId, 'ACTIVE');
    await expect.poll(async () => (await hub.status()).link, WAIT).toMatchObject({ connected: true, problem: null });
  });

  test('a refusal that stands is told on the glass, until something else is shown', { timeout: LIMIT_MS }, async ({
    world,
    startHub,
  }) => {
    world.iotCore.admin.faults.arm({ kind: 'hook-refusing', reason: 'blocked', times: 1000 });
    world.reader.place(await world.signedTag());
    const blank = world.panel.glass.frame().sha256;
    const hub = await startHub({ INKLET_PANEL_REST_S: '0' }, scaledClock(systemClock, 10));
    await expect.poll(async () => (await identityOf(hub)).message, WAIT).toBe('blocked');
    await expect.poll(() => world.panel.glass.frame().sha256, WAIT).not.toBe(blank);
    const { code, step, advice } = await identityOf(hub);
    expect([code, step]).toEqual(['claim.refused', 'register']);
    const told = { title: 'This hub cannot be set up', text: advice, code: 'claim.refused, while registering' };
    expect(world.panel.glass.frame().sha256).toBe(await drawn(told));
    const shown = await hub.show('A picture of the household');
    expect(world.panel.glass.frame().sha256).toBe(shown);
  });
});
