import { eq } from 'drizzle-orm';
import { v7 } from 'uuid';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { TestCloud } from '../../test/support/cloud.js';
import { testEngines } from '../../test/support/cloud-databases.js';
import { heartbeatOf } from '../../test/support/cloud-devices.js';
import { asSystem } from '../database/database.js';
import { certificate, hub } from './tables.js';

describe.each(testEngines())('heartbeats on $name', (engine) => {
  let cloud: TestCloud;
  beforeAll(async () => {
    cloud = await TestCloud.start(engine);
  });
  afterAll(() => cloud.close());

  const rowOf = async (thingName: string) => {
    const [row] = await asSystem(cloud.context.db, (tx) => tx.select().from(hub).where(eq(hub.thingName, thingName)));
    return row;
  };

  test('many that come at once are one group, and each hub has its own', async () => {
    const hubs = [await cloud.provision(), await cloud.provision(), await cloud.provision()];
    const groups = groupsOf(cloud);
    const beat = heartbeatOf(cloud.clock);
    const said = hubs.map(({ thingName }, index) => ({
      thingName,
      heartbeat: { ...beat, version: `2.0.${index}`, nextHeartbeatS: 30 + index, queueDepth: index },
    }));
    await Promise.all(said.map((one) => cloud.services.hubs.noteHeartbeat(one.thingName, one.heartbeat)));
    for (const [index, { thingName, heartbeat }] of said.entries()) {
      expect(await rowOf(thingName)).toMatchObject({
        version: `2.0.${index}`,
        nextHeartbeatS: 30 + index,
        heartbeat,
        lastHeartbeatAt: new Date(cloud.clock.nowMs),
      });
    }
    expect(groupsOf(cloud)).toBe(groups + 1);
    const certificates = await asSystem(cloud.context.db, (tx) => tx.select().from(certificate));
    expect(certificates.every(({ firstUsedAt }) => firstUsedAt !== null)).toBe(true);
  });

  test('of one hub the newest counts, also when an older one is brought again later', async () => {
    const { thingName } = await cloud.provision();
    const beat = { ...heartbeatOf(cloud.clock), bootId: v7() };
    const note = (uptimeS: number, bootId = beat.bootId) =>
      cloud.services.hubs.noteHeartbeat(thingName, { ...beat, bootId, uptimeS });
    await Promise.all([note(20), note(30), note(10)]);
    await note(25);
    expect(await rowOf(thingName)).toMatchObject({ heartbeat: { uptimeS: 30 } });
    await note(1, v7());
    expect(await rowOf(thingName)).toMatchObject({ heartbeat: { uptimeS: 1 } });
  });

  test('one that the database refuses fails alone, and a stranger changes nothing', async () => {
    const [good, bad] = [await cloud.provision(), await cloud.provision()];
    const { hubs } = cloud.services;
    const beat = heartbeatOf(cloud.clock);
    const results = await Promise.allSettled([
      hubs.noteHeartbeat(bad.thingName, { ...beat, version: 'zero \u0000' }),
      hubs.noteHeartbeat(good.thingName, beat),
      hubs.noteHeartbeat('inklet-stranger', beat),
      hubs.noteHeartbeat(bad.thingName, { ...beat, nextHeartbeatS: 2 ** 40 }),
    ]);
    expect(results.map(({ status }) => status)).toEqual(['rejected', 'fulfilled', 'fulfilled', 'rejected']);
    expect(await rowOf(good.thingName)).toMatchObject({ heartbeat: beat });
    expect(await rowOf(bad.thingName)).toMatchObject({ heartbeat: null });
    expect(cloud.logged.join('')).toContain('no hub of ours');
  });
});

function groupsOf(cloud: TestCloud): number {
  return Number(/inklet_link_heartbeat_groups_total (\d+)/.exec(cloud.context.metrics.render())?.[1] ?? 0);
}
