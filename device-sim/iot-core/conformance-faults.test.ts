import { expect } from 'vitest';
import { z } from 'zod';
import { ask, DIALS, type Dial, heardAt, joined, type Speaker } from '../../test/support/iot-speakers.js';
import type { FaultInput } from './faults/fault.js';
import type { IotCore } from './iot-core.js';
import { CREATE, FILTERS, NAMED, PROVISION } from './test-claimant.js';
import { makeCsr, type Site, test } from './test-site.js';

const GET = '$aws/things/inklet-a/shadow/get';
const WAIT = { timeout: 10_000, interval: 5 };

const TokenSchema = z.object({ certificateOwnershipToken: z.string() });

/** A hub that asks for its shadow, each time with a token, and hears what comes. */
async function asker(dial: Dial, site: Site, core: IotCore) {
  const credentials = await site.device(core, 'inklet-a');
  core.admin.setDesired({ thingName: 'inklet-a' }, { locale: 'de' });
  const hub = await joined(dial, { site, core, credentials, clientId: 'inklet-a' });
  await hub.subscribe([`${GET}/accepted`, `${GET}/rejected`]);
  return {
    hub,
    get: (clientToken: string) => hub.publish(GET, Buffer.from(JSON.stringify({ clientToken }))),
    heard: async () => z.object({ clientToken: z.string() }).parse((await heardAt(hub, GET))[1]).clientToken,
  };
}

test.for(DIALS)('%s: an answer that is lost, doubled, late or out of order', async ([, dial], { site, core }) => {
  const { get, heard } = await asker(dial, site, core);
  const scripted = async (fault: FaultInput, ...tokens: string[]) => {
    core.admin.faults.arm(fault);
    for (const token of tokens) expect(await get(token)).toBe(0);
  };
  await scripted({ kind: 'answer-lost', operation: 'Shadow' }, 'lost', 'after');
  expect(await heard()).toBe('after');
  await scripted({ kind: 'answer-twice', operation: 'Shadow' }, 'twice');
  expect([await heard(), await heard()]).toEqual(['twice', 'twice']);
  await scripted({ kind: 'answer-late', delayMs: 20_000, operation: 'Shadow' }, 'late', 'before');
  expect(await heard()).toBe('before');
  await site.clock.advance(20_000);
  expect(await heard()).toBe('late');
  await scripted({ kind: 'answer-out-of-order', operation: 'Shadow' }, 'first', 'second');
  expect([await heard(), await heard()]).toEqual(['second', 'first']);
});

test.for(DIALS)('%s: a request whose PUBACK is lost, and one too many', async ([, dial], { site, core }) => {
  const { hub, get, heard } = await asker(dial, site, core);
  core.admin.faults.arm({ kind: 'throttled', operation: 'Shadow' });
  expect(await ask(hub, GET, {})).toMatchObject(['/rejected', { code: 429 }]);
  core.admin.faults.arm({ kind: 'puback-lost', topic: GET });
  void get('unacknowledged').catch(() => undefined);
  expect(await heard()).toBe('unacknowledged');
  expect(core.admin.faults.struck('puback-lost')).toBe(1);
});

test.for(DIALS)('%s: a half-open connection is found out by its silence', async ([, dial], { site, core }) => {
  const watcher = await site.join(core, await site.anybody(core), 'watcher', { keepalive: 1_200 });
  await watcher.subscribe('$aws/events/presence/disconnected/inklet-a');
  const { get } = await asker(dial, site, core);
  core.admin.faults.arm({ kind: 'half-open', topic: GET });
  void get('swallowed').catch(() => undefined);
  await expect.poll(() => core.admin.faults.struck('half-open'), WAIT).toBe(1);
  await site.clock.advance(90_000);
  expect(await watcher.message()).toContain('"disconnectReason":"MQTT_KEEP_ALIVE_TIMEOUT"');
});

async function claimant(dial: Dial, site: Site, core: IotCore): Promise<Speaker> {
  const credentials = await core.admin.createClaimCertificate();
  const speaker = await joined(dial, { site, core, credentials, clientId: 'inklet-fp-1', keepAliveS: 1_200 });
  await speaker.subscribe(FILTERS);
  return speaker;
}

test.for(DIALS)(
  '%s: a hook that fails, refuses or is slow, and a token that is over',
  async ([, dial], { site, core }) => {
    const speaker = await claimant(dial, site, core);
    const { csrPem } = await makeCsr();
    core.admin.faults.arm({ kind: 'throttled', operation: 'CreateCertificateFromCsr' });
    const create = () => ask(speaker, CREATE, { certificateSigningRequest: csrPem });
    expect(await create()).toMatchObject(['/rejected', { statusCode: 429, errorCode: 'TooManyRequests' }]);
    const { certificateOwnershipToken } = TokenSchema.parse((await create())[1]);
    const register = () => ask(speaker, PROVISION, { certificateOwnershipToken, parameters: NAMED });
    const denied = { statusCode: 403, errorCode: 'AccessDenied' };
    core.admin.faults.arm({ kind: 'hook-failing' });
    expect(await register()).toMatchObject(['/rejected', denied]);
    core.admin.faults.arm({ kind: 'hook-refusing', reason: 'blocked' });
    expect(await register()).toMatchObject(['/rejected', { ...denied, errorMessage: 'blocked' }]);
    core.admin.faults.arm({ kind: 'hook-slow' });
    const slow = register();
    await expect.poll(() => core.admin.faults.struck('hook-slow'), WAIT).toBe(1);
    await site.clock.advance(5_000);
    expect(await slow).toMatchObject(['/rejected', denied]);
    core.admin.faults.arm({ kind: 'token-expired' });
    expect(await register()).toMatchObject([
      '/rejected',
      { statusCode: 400, errorCode: 'InvalidCertificateOwnershipToken' },
    ]);
    expect(core.admin.things()).toEqual([]);
  },
);
