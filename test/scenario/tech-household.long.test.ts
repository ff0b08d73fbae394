import path from 'node:path';
import { expect } from 'vitest';
import { z } from 'zod';
import type { Household } from '../../device-sim/index.js';
import { test } from '../support/household.js';
import { techHere } from '../support/tech.js';

const LIMIT = { timeout: 120_000 };
const StatusSchema = z.object({ link: z.object({ connected: z.boolean() }) });

/** The flags of a technician who stands in a household, with its hub's card in his laptop. */
function flagsIn({ address, world }: Household) {
  const home = path.dirname(path.dirname(world.iotCore.caFile));
  const reader = ['--hardware-socket', world.hardwareSocket, '--keys', path.join(home, 'factory', 'signer-keys.json')];
  const broker = [
    '--iot-endpoint',
    '127.0.0.1',
    '--iot-port',
    String(world.iotCore.port),
    '--iot-ca',
    world.iotCore.caFile,
  ];
  const cloud = ['--cloud', address.cloudUrl, '--operator-token-file', path.join(home, 'secrets', 'operator-token')];
  const hub = ['--hub', address.hubUrl, '--data-dir', path.join(home, 'hub')];
  return { dir: home, reader, cloud, all: [...reader, ...broker, ...cloud, ...hub] };
}

async function diagnose(household: Household) {
  const { dir, all } = flagsIn(household);
  const { code, stdout } = await techHere({ dir }, 'diagnose', ...all, '--json');
  const lines = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  const steps = Object.fromEntries(lines.slice(0, -1).map(({ step, code: found }) => [step, found]));
  return { code, steps, cause: lines.at(-1).cause };
}

test(
  'in a household, the tag is genuine, and nothing keeps the hub from being online',
  LIMIT,
  async ({ household }) => {
    const { dir, reader } = flagsIn(household);
    const tag = await techHere({ dir }, 'verify', ...reader, '--json');
    expect(JSON.parse(tag.stdout)).toMatchObject({ ok: true, thingName: household.address.thingName });
    const { code, steps, cause } = await diagnose(household);
    expect({ code, cause }).toEqual({ code: 0, cause: null });
    const { 'claim-certificate': claim, ...rest } = steps;
    expect(claim).toBe('diagnose.not-asked');
    expect(new Set(Object.values(rest))).toEqual(new Set(['ok']));
  },
);

test('a hub that is at work already is known as one by a tap of its tag', LIMIT, async ({ household }) => {
  const { dir, reader, cloud } = flagsIn(household);
  const { code, stdout } = await techHere({ dir }, 'provision', '--count', '1', ...reader, ...cloud);
  const { thingName } = household.address;
  expect({ code, stdout }).toEqual({
    code: 0,
    stdout: expect.stringContaining(`1/1 ${thingName} tag ok, registered, certificate issued, online\n`),
  });
});

test('a hub that is cut off says so', LIMIT, async ({ household }) => {
  const isConnected = async () => {
    const response = await fetch(`${household.address.hubUrl}/api/status`);
    return StatusSchema.parse(await response.json()).link.connected;
  };
  household.cutLink();
  await expect.poll(isConnected, { timeout: 60_000 }).toBe(false);
  const { code, cause } = await diagnose(household);
  household.mendLink();
  expect(code).toBe(1);
  expect(cause).toMatchObject({ step: 'hub-says', code: 'hub.not-connected' });
  await expect.poll(isConnected, { timeout: 60_000 }).toBe(true);
});
