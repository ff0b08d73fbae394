import { expect, vi } from 'vitest';
import { AwsIotControl } from '../../cloud-api/iot-control/aws-iot-control.js';
import { IotTasks } from '../../cloud-api/iot-control/iot-tasks.js';
import { ROTATION_TEMPLATE_NAME } from '../../contract/index.js';
import { REGION } from '../../device-sim/iot-core/arn.js';
import { startControlDoor } from '../../device-sim/iot-core/control-door.js';
import type { RawClient } from '../../device-sim/iot-core/raw-client.js';
import { ask, CREATE, claimant, create, PROVISION } from '../../device-sim/iot-core/test-claimant.js';
import { test as base } from '../../device-sim/iot-core/test-site.js';
import { signDeviceToken } from '../../provisioning/fleet/device-token.js';
import { thingNameFor } from '../../provisioning/hw-id/index.js';
import { HOOK_TOKEN, TestCloud } from '../support/cloud.js';
import { testEngines } from '../support/cloud-databases.js';

const HW_ID = '00112233445566778899';
const THING = thingNameFor(HW_ID);
const ROTATE = `$aws/provisioning-templates/${ROTATION_TEMPLATE_NAME}/provision/json`;

type Created = Awaited<ReturnType<typeof create>>;
type World = { cloud: TestCloud; tasks: IotTasks; parameters: Record<string, string> };

/** The cloud as the stand-in's hook, and the stand-in's control API as the cloud sees AWS IoT. */
const test = base.extend<{ world: World }>({
  world: async ({ core, site }, use) => {
    const [engine] = testEngines();
    if (engine === undefined) throw new TypeError('no database');
    const cloud = await TestCloud.start(engine);
    site.onClose(() => cloud.close());
    const url = await cloud.listen();
    await cloud.make(HW_ID);
    const headers = { authorization: `Bearer ${HOOK_TOKEN}` };
    core.admin.setHook({ url: `${url}/v1/hooks/pre-provisioning`, headers });
    const door = await startControlDoor(core.admin, { port: 0 });
    site.onClose(() => door.stop());
    vi.stubEnv('AWS_ACCESS_KEY_ID', 'stand-in');
    vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'stand-in');
    const tasks = new IotTasks(cloud.context, new AwsIotControl({ endpoint: door.url, region: REGION }));
    site.onClose(() => tasks.stop());
    await use({ cloud, tasks, parameters: await cloud.proofOf(HW_ID) });
    vi.unstubAllEnvs();
  },
});

const register = (client: RawClient, topic: string, { certificateOwnershipToken }: Created, parameters: object) =>
  ask(client, topic, { certificateOwnershipToken, parameters });
const tokenOf = ({ cloud }: World, { certificateId, keyPem }: Created) =>
  signDeviceToken({ thingName: THING, certificateId, keyPem }, cloud.clock);

test('two certificates on one thing, after an answer that was lost and a token that expired, become one', async ({
  site,
  core,
  world,
}) => {
  const client = await claimant(site, core);
  const lost = await create(client);
  expect(await register(client, PROVISION, lost, world.parameters)).toMatchObject(['/accepted', { thingName: THING }]);
  const kept = await create(client);
  expect(await register(client, PROVISION, kept, world.parameters)).toMatchObject(['/accepted', { thingName: THING }]);
  const attached = () =>
    core.admin.certificates().filter(({ thingName, status }) => thingName === THING && status === 'ACTIVE');
  expect(attached()).toHaveLength(2);
  await world.tasks.runDue();
  expect(attached().map(({ certificateId }) => certificateId)).toEqual([kept.certificateId]);
  expect(await register(client, PROVISION, lost, world.parameters)).toMatchObject([
    '/rejected',
    { statusCode: 403, errorMessage: 'certificate-revoked' },
  ]);
});

test('a hub that renews its certificate has two good ones until it commits, and one from then on', async ({
  site,
  core,
  world,
}) => {
  const claim = await claimant(site, core);
  const current = await create(claim);
  await register(claim, PROVISION, current, world.parameters);
  const hub = await site.join(core, { certPem: current.certificatePem, keyPem: current.keyPem }, THING);
  await hub.subscribe(...[CREATE, ROTATE].flatMap((topic) => [`${topic}/accepted`, `${topic}/rejected`]));
  const next = await create(hub);
  expect(await register(hub, ROTATE, next, { hwId: HW_ID })).toMatchObject(['/accepted', { thingName: THING }]);
  await world.tasks.runDue();
  const renewed = await site.join(core, { certPem: next.certificatePem, keyPem: next.keyPem }, THING);
  expect(await hub.next()).toMatchObject({ cmd: 'disconnect', reasonCode: 0x8e });
  const { status } = await world.cloud.call('POST', '/v1/certificates/commit', {
    token: await tokenOf(world, next),
    body: { replaces: current.certificateId },
  });
  expect(status).toBe(200);
  await world.tasks.runDue();
  const ours = core.admin.certificates().filter(({ policies }) => policies.includes('inklet-device'));
  expect(ours.map((one) => [one.certificateId, one.status, one.thingName])).toEqual([
    [current.certificateId, 'INACTIVE', undefined],
    [next.certificateId, 'ACTIVE', THING],
  ]);
  expect(await renewed.publish(`inklet/dev/${THING}/up/state`, '{}')).toMatchObject({ reasonCode: 0 });
  const old = await world.cloud.call('POST', '/v1/sync', { token: await tokenOf(world, current), body: { v: 1 } });
  expect(old.status).toBe(401);
});
